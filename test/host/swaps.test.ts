import { homedir } from "node:os";
import { nftables } from "../../core/dialects/nftables";
import { checkPolicy } from "../../core/model/checkPolicy";
import type { Policy } from "../../core/model/policy";
import { applyRuleset, openSession } from "../../targets/ssh";
import { describeLab, type Flood, type Lab, type LabHost, openLab } from "../lab";

const STREAM = 7000;
/** Ports that no rule names: only the default drops what comes there. */
const CLOSED = { udp: 9999, tcp: 9998 };
const STRANGERS = ["198.51.100.10", "2001:db8:bad::9"] as const;
const OWNER = { owner: "0123456789abcdef", resource: "11111111-2222-3333-4444-555555555555" };
/** What a stream may stall, in milliseconds. */
const LONGEST_STALL = 200;

function policy(rules: Record<string, unknown>, egress: "accept" | "drop"): Policy {
    const sets = { office: { entries: ["192.0.2.0/24", "2001:db8:77::/48"] } };
    const checked = checkPolicy({ templates: [{ name: "web", rules }], sets, defaults: { egress } });
    expect(checked.problems).toEqual([]);
    return checked.policy;
}

/** Counts what arrives before our chains and what is left behind them. */
const WITNESS = `table inet witness {
    ${["before", "behind"]
        .flatMap((place) => ["udp", "tcp", "in", "out"].map((what) => `counter ${place}_${what} { }`))
        .join("\n    ")}
    ${(["before", "behind"] as const)
        .map((place) => {
            const priority = place === "before" ? "filter - 10" : "filter + 10";
            return `chain ${place}_input {
        type filter hook input priority ${priority}; policy accept
        udp dport ${CLOSED.udp} counter name ${place}_udp
        tcp dport ${CLOSED.tcp} counter name ${place}_tcp
        iifname eth0 tcp dport ${STREAM} tcp flags & (fin | syn | rst | psh | ack) == ack counter name ${place}_in
    }
    chain ${place}_output {
        type filter hook output priority ${priority}; policy accept
        oifname eth0 tcp sport ${STREAM} tcp flags & (fin | syn | rst | psh | ack) == (psh | ack) counter name ${place}_out
    }`;
        })
        .join("\n    ")}
}
`;

describeLab("swapping rulesets under load", () => {
    let lab: Lab;
    let host: LabHost;
    let calm: LabHost;
    /** Two policies that differ in everything but their defaults for strangers; the second filters egress too. */
    let policies: readonly [Policy, Policy];
    const applyId = (index: number) => `${index}`.padStart(16, "0");

    beforeAll(async () => {
        lab = await openLab();
        [host, calm] = (await Promise.all([lab.addHost("web1"), lab.addHost("calm")])) as [LabHost, LabHost];
        for (const address of STRANGERS) await lab.addAddress(address);
        await Promise.all([
            host.listen(CLOSED.udp, { protocol: "udp", host: "0.0.0.0" }),
            host.listen(CLOSED.tcp),
            host.listenTicking(STREAM),
            calm.listenTicking(STREAM),
        ]);
        policies = [
            policy({ ssh: { service: "ssh" }, stream: { protocol: "tcp", ports: STREAM } }, "accept"),
            policy(
                {
                    ssh: { service: "ssh", from: ["set office", lab.deployer.ipv4] },
                    scanners: { action: "drop", from: "203.0.113.0/24" },
                    web: { service: ["http", "https"] },
                },
                "drop",
            ),
        ];
        await load("/run/witness.nft", WITNESS);
        const files = policies.map((wanted, i) => nftables.render(wanted, { ...OWNER, applyId: applyId(i) }));
        await load("/run/b.nft", files[1]!);
        await load("/run/a.nft", files[0]!);
    });
    afterAll(() => lab.close());

    async function load(file: string, text: string): Promise<void> {
        await host.run(["tee", file], { input: text });
        await inHost(`nft -f ${file}`);
    }

    async function inHost(command: string): Promise<string> {
        const { code, stdout, stderr } = await host.run(command);
        if (code !== 0) throw new Error(`${command}: ${stderr}`);
        return stdout;
    }

    /** Reads the witness's counters and sets them to 0. */
    async function witnessed(): Promise<Record<string, number>> {
        const listing = JSON.parse(await inHost("nft -j reset counters table inet witness")) as {
            nftables: { counter?: { name: string; packets: number } }[];
        };
        return Object.fromEntries(
            listing.nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
        );
    }

    /** Packets of strangers to closed ports for as long as `during` runs; gives back what the witness saw. */
    async function underFlood(during: () => Promise<unknown>): Promise<Record<string, number>> {
        await witnessed();
        let knocking = true;
        const knocks = async (from: string, to: string) => {
            while (knocking) {
                const tries = Array.from({ length: 10 }, () =>
                    lab.connect({ to, port: CLOSED.tcp, from, timeout: 200 }),
                );
                await Promise.all(tries);
            }
        };
        const floods: Flood[] = [];
        const knocked: Promise<void>[] = [];
        try {
            for (const [i, to] of [host.ipv4, host.ipv6].entries()) {
                const from = STRANGERS[i]!;
                floods.push(await lab.flood({ to, port: CLOSED.udp, from, perSecond: 2000 }));
                knocked.push(knocks(from, to));
            }
            await during();
        } finally {
            knocking = false;
            await Promise.all([...knocked, ...floods.map((flood) => flood.stop())]);
        }
        return witnessed();
    }

    interface Stall {
        readonly stream: number;
        /** The longest silence of streams that no swap touches, from the same sender and to the same receiver. */
        readonly control: number;
    }

    /** Streams open before and closed after `during`, and how long they were silent, in milliseconds. */
    async function stallsDuring(during: () => Promise<unknown>): Promise<Stall> {
        const stream = await lab.follow({ to: host.ipv4, port: STREAM });
        const controls = await Promise.all([
            host.follow({ to: "127.0.0.1", port: STREAM }),
            lab.follow({ to: calm.ipv4, port: STREAM }),
        ]);
        await during();
        const measured = await stream.close();
        const calmly = await Promise.all(controls.map((control) => control.close()));
        expect(measured.ended).toBe(false);
        return { stream: measured.longestGap, control: Math.max(...calmly.map(({ longestGap }) => longestGap)) };
    }

    function expectNoLoss(seen: Record<string, number>): void {
        // The load was real.
        expect(seen.before_udp).toBeGreaterThan(500);
        expect(seen.before_tcp).toBeGreaterThan(10);
        expect({ udp: seen.behind_udp, tcp: seen.behind_tcp }).toEqual({ udp: 0, tcp: 0 });
        // Every packet of the established stream passed.
        expect(seen.before_in).toBeGreaterThan(50);
        expect(seen.before_out).toBeGreaterThan(50);
        expect({ in: seen.behind_in, out: seen.behind_out }).toEqual({ in: seen.before_in, out: seen.before_out });
    }

    function expectNoStall(stalls: readonly Stall[]): void {
        expect(stalls.filter(({ stream, control }) => stream > LONGEST_STALL && control <= LONGEST_STALL)).toEqual([]);
    }

    const figures = (text: string) => process.stdout.write(`    ${text}\n`);
    const swaps = (count: number) =>
        inHost(
            `i=0; while [ $i -lt ${count / 2} ]; do nft -f /run/b.nft && nft -f /run/a.nft || exit 1; i=$((i+1)); done`,
        );

    test("400 swaps leak no packet that only the default drops and stall no established stream", async () => {
        const stalls: Stall[] = [];
        const seen = await underFlood(async () => {
            for (let batch = 0; batch < 8; batch++) stalls.push(await stallsDuring(() => swaps(50)));
        });
        const longest = Math.max(...stalls.map(({ stream }) => stream));
        figures(
            `400 swaps: ${seen.behind_udp} of ${seen.before_udp} datagrams and ${seen.behind_tcp} of ${seen.before_tcp} SYNs leaked; longest stall ${longest} ms`,
        );
        expectNoLoss(seen);
        expectNoStall(stalls);
    }, 120_000);

    test("24 applies by the protocol over SSH do the same", async () => {
        const target = { host: host.ipv4, port: host.port, user: host.user, hostKey: host.hostKey };
        const surroundings = { config: {}, env: {}, home: homedir() };
        // The protocol takes over only what it has confirmed itself.
        await inHost("nft delete table inet vps_firewall");
        const apply = async (index: number) => {
            const wanted = policies[index % 2]!;
            const outcome = await applyRuleset({
                host: host.ipv4,
                connect: (signal) => openSession(target, { privateKey: host.privateKey }, surroundings, { signal }),
                plan: (_, id) => {
                    const text = nftables.render(wanted, { ...OWNER, applyId: id });
                    return { forward: text, boot: text, manifest: {}, unmanaged: "" };
                },
                verify: (_, listing) => nftables.difference(listing, wanted),
                timing: { track: 0 },
            });
            expect(outcome.kind).toBe("confirmed");
        };
        await apply(0);
        let stall: Stall | undefined;
        const seen = await underFlood(async () => {
            stall = await stallsDuring(async () => {
                for (let index = 1; index <= 24; index++) await apply(index);
            });
        });
        figures(
            `24 applies: ${seen.behind_udp} of ${seen.before_udp} datagrams leaked; longest stall ${stall?.stream} ms`,
        );
        expectNoLoss(seen);
        expectNoStall(stall ? [stall] : []);
    }, 120_000);

    test("the same measurement sees the leak of a swap in two steps", async () => {
        const seen = await underFlood(() =>
            inHost(`
                i=0
                while [ $i -lt 20 ]; do
                    nft delete table inet vps_firewall && nft -f /run/a.nft || exit 1
                    i=$((i+1))
                done`),
        );
        figures(`20 swaps in two steps: ${seen.behind_udp} of ${seen.before_udp} datagrams leaked`);
        expect(seen.behind_udp).toBeGreaterThan(0);
    }, 60_000);
});
