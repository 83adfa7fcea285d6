import { existsSync, writeSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Backend, closingLine, figures, type Job, type Outcome } from "./job";
import { run } from "./run";

/** Where these are there; in CI a kernel that can't be asked is a failure. */
const programs = ["nft", "ip", "python3", "iptables-legacy-restore", "iptables-nft-restore"];
const canAsk = process.getuid?.() === 0 && existsSync("/dev/net/tun") && programs.every(isThere);
const kernelTest: jest.It = canAsk || process.env.CI === "true" ? test : test.skip;

function isThere(program: string): boolean {
    const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
    return folders.some((folder) => existsSync(join(folder, program)));
}

const job = (more: Partial<Job>): Job => ({ seed: 1, first: 0, rulesets: 200, probes: 5100, ...more });

// Seconds on an idle machine; the machines of a CI are not.
jest.setTimeout(300_000);

/** Past jest, which frames what a test prints. */
const print = (line: string) => writeSync(2, `${line}\n`);

async function agreesWithTheKernel(backend: Backend): Promise<void> {
    const outcome = await run(job({ backend }));
    print(`${outcome.reports.map((report) => `${report}\n`).join("")}${figures(outcome)}\n${closingLine(outcome)}`);
    // ICMP of the two families, and the other kinds in both, either way.
    expectAgreement(outcome, { kinds: 2 * 2 * 4, answered: 1 / 50 });
}

function expectAgreement(outcome: Outcome, { kinds, answered }: { kinds: number; answered: number }): void {
    expect(outcome.reports).toEqual([]);
    expect(outcome.disagreements).toBe(0);
    expect(outcome.probes).toBeGreaterThanOrEqual(outcome.rulesets * 5000);
    // Neither all the same, nor many that say nothing.
    expect(Math.min(outcome.accepted, outcome.probes - outcome.accepted)).toBeGreaterThan(outcome.probes / 4);
    expect(outcome.answers).toBeGreaterThanOrEqual(outcome.probes * answered);
    expect(Object.keys(outcome.kinds)).toHaveLength(kinds);
    expect(Math.min(...Object.values(outcome.kinds))).toBeGreaterThan(outcome.probes / 100);
    expect(outcome.unreached).toBeLessThan(outcome.probes / 50);
}

kernelTest("the kernel does with every packet what the model says and what the ruleset is read to mean", () =>
    agreesWithTheKernel("nftables"),
);

kernelTest("so it does with rules laid out in sets", async () => {
    const outcome = await run(job({ laidOut: true, rulesets: 60 }));
    print(`${outcome.reports.map((report) => `${report}\n`).join("")}${figures(outcome)}\n${closingLine(outcome)}`);
    expect(outcome.reports).toEqual([]);
    expect(outcome.disagreements).toBe(0);
    expect(outcome.probes).toBeGreaterThanOrEqual(300_000);
});

for (const backend of ["iptables-legacy", "iptables-nft"] as const) {
    kernelTest(`so it does with what ${backend} loads, and as the second reader takes what it saves`, () =>
        agreesWithTheKernel(backend),
    );

    kernelTest(`connections and limits with ${backend}`, async () => {
        const outcomes = [
            await run(job({ backend, rulesets: 1, connections: true })),
            await run(job({ backend, rulesets: 1, limits: true })),
        ];
        expect(outcomes.flatMap(({ reports }) => reports)).toEqual([]);
        expect(outcomes.map(({ probes }) => probes)).toEqual([2 * 2 * 2 * 9, 6 + 6 + 4 + 3]);
    });
}

for (const backend of ["nftables", "iptables-legacy", "iptables-nft"] as const) {
    kernelTest(`what is forwarded to containers fares as the model says, and as ${backend} is read`, async () => {
        const outcome = await run(job({ backend, forward: true, rulesets: 100 }));
        print(`${outcome.reports.map((report) => `${report}\n`).join("")}${figures(outcome)}\n${closingLine(outcome)}`);
        // Where iptables decides it, nothing is answered.
        expectAgreement(outcome, { kinds: 2 * 4, answered: backend === "nftables" ? 1 / 50 : 0 });
    });

    kernelTest(`connections and limits of what is forwarded, with ${backend}`, async () => {
        const outcomes = [
            await run(job({ backend, rulesets: 1, connections: true, forward: true })),
            await run(job({ backend, rulesets: 1, limits: true, forward: true })),
        ];
        expect(outcomes.flatMap(({ reports }) => reports)).toEqual([]);
        expect(outcomes.map(({ probes }) => probes)).toEqual([2 * 2 * (9 + 7), 6 + 6 + 4 + 3]);
    });
}

kernelTest("a model of forwarding that is slightly wrong is noticed", async () => {
    const outcome = await run(job({ seed: 2, rulesets: 20, mutants: 5, forward: true }));
    const ways = Object.values(outcome.wrongBases);
    print(`${outcome.noticed} of ${outcome.mutants} wrong models noticed, wrong ways by ${ways.join(", ")} probes`);
    expect(outcome.disagreements).toBe(0);
    expect(outcome.mutants).toBeGreaterThan(20);
    expect(outcome.noticed / outcome.mutants).toBeGreaterThan(0.6);
    expect(ways).toHaveLength(13);
    expect(Math.min(...ways)).toBeGreaterThan(0);
});

kernelTest("a model that is slightly wrong is noticed", async () => {
    const outcome = await run(job({ seed: 2, rulesets: 30, mutants: 5 }));
    const bases = Object.values(outcome.wrongBases);
    print(`${outcome.noticed} of ${outcome.mutants} wrong models noticed, wrong bases by ${bases.join(", ")} probes`);
    expect(outcome.disagreements).toBe(0);
    expect(outcome.mutants).toBeGreaterThan(50);
    expect(outcome.noticed / outcome.mutants).toBeGreaterThan(0.6);
    expect(bases).toHaveLength(8);
    expect(Math.min(...bases)).toBeGreaterThan(0);
});

kernelTest("replies and ICMP errors of a connection pass, and nothing that only looks like them", async () => {
    const outcome = await run(job({ rulesets: 1, connections: true }));
    print(closingLine(outcome));
    expect(outcome.reports).toEqual([]);
    expect(outcome.probes).toBe(2 * 2 * 2 * 9);
});

kernelTest("a limit lets in as many as it says: in all, or of each source", async () => {
    const outcome = await run(job({ rulesets: 1, limits: true }));
    print(closingLine(outcome));
    expect(outcome.reports).toEqual([]);
    expect(outcome.probes).toBe(6 + 6 + 4 + 3);
});

const ways = [
    ["", false, "(arriving|leaving)"],
    [" of what is forwarded", true, "forwarded from tap0 to docker0, another (port|address) in its place,"],
] as const;
kernelTest.each(ways)("a disagreement%s is reported as the smallest policy and packet", async (_, forward, way) => {
    const outcome = await run(job({ rulesets: 2, wrongModel: true, forward }));
    expect(outcome.disagreements).toBeGreaterThan(0);
    expect(outcome.reports.length).toBeGreaterThan(0);
    for (const report of outcome.reports) {
        // The rule whose port is forgotten, and perhaps the one that decides instead.
        const rule = /\n {4}t\/r\d+: (egress )?(accept|drop|reject) (tcp|udp) (from anywhere )?to port [\d-]+\n/;
        expect(report).toMatch(rule);
        expect(report.match(/\n {4}t\//g)!.length).toBeLessThanOrEqual(2);
        expect(report).toMatch(/^ruleset \d of seed 1: the model says .+, the kernel (says|answers) .+\n/);
        expect(report).toMatch(new RegExp(`\\n {4}${way} IPv[46] (tcp|udp) .+$`));
    }
});
