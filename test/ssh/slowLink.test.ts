import fc from "fast-check";
import { applyRuleset, type ApplyOptions, type ApplyOutcome, openSession, probeHost } from "../../targets/ssh";
import type { ProtocolOptions } from "../../targets/ssh/protocol";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { timing } from "../targets/protocol/kit";
import { planFor, ruleset } from "../targets/protocol/rulesets";
import { startSlowLink, type LinkOptions, type SlowLink } from "./slowLink";

/** Each story has a host and a link of its own, and all go on at the same time. */
describeLab("over a bad link", () => {
    let lab: Lab;
    const links: SlowLink[] = [];

    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(async () => {
        await Promise.all(links.map((link) => link.close()));
        await lab?.close();
    });

    interface Story {
        readonly host: LabHost;
        readonly link: SlowLink;
        apply(port: number, other?: Partial<ApplyOptions>): Promise<ApplyOutcome>;
        /** The port that the host's ruleset opens, as the host itself says. */
        openPort(): Promise<number | undefined>;
        readonly connection: ProtocolOptions;
    }

    async function begin(name: string, options: LinkOptions = {}): Promise<Story> {
        const host = await lab.addHost(name);
        const link = await startSlowLink({ host: host.ipv4, port: 22 }, options);
        links.push(link);
        const target = { host: "127.0.0.1", port: link.port, hostKey: host.hostKey, dialErrorLimit: 3 };
        const surroundings = { config: {}, env: {}, home: "/nonexistent" };
        const connection: ProtocolOptions = {
            host: name,
            connect: (signal) => openSession(target, { privateKey: host.privateKey }, surroundings, { signal }),
            timing: { ...timing, dial: 15, reach: 30 },
        };
        return {
            host,
            link,
            connection,
            apply: (port, other = {}) =>
                applyRuleset({
                    ...connection,
                    plan: (_, applyId) => planFor(applyId, port),
                    verify: () => undefined,
                    confirmSeconds: 30,
                    ...other,
                }),
            async openPort() {
                const { stdout } = await host.run("nft list ruleset");
                const found = /tcp dport (\d+) .*"web\/open"/.exec(stdout)?.[1];
                return found === undefined ? undefined : Number(found);
            },
        };
    }

    /** Starts with the first test and is awaited by its own. */
    function story<T>(tell: () => Promise<T>): () => Promise<T> {
        let told: Promise<T> | undefined;
        const start = () => {
            told ??= tell();
            told.catch(() => undefined);
            return told;
        };
        beforeAll(() => void start());
        return start;
    }

    const far = story(async () => {
        const { apply, openPort } = await begin("far", { latency: 300 });
        const outcome = await apply(80);
        return { kind: outcome.kind, port: await openPort() };
    });

    const stalled = story(async () => {
        const { apply, openPort, link } = await begin("stalled", { latency: 20 });
        const outcomes: string[] = [];
        // In the middle of the script that loads, and again while it is being confirmed.
        for (const when of ["probed", "loaded"] as const) {
            const began = Date.now();
            const outcome = await apply(when === "probed" ? 80 : 81, {
                onStage: (stage) => {
                    if (stage === when) link.stall(10_000);
                },
            });
            outcomes.push(outcome.kind);
            expect(Date.now() - began).toBeGreaterThan(9000);
        }
        return { outcomes, port: await openPort() };
    });

    const tooLate = story(async () => {
        const { apply, openPort, link } = await begin("late");
        await apply(80);
        const outcome = await apply(81, {
            confirmSeconds: 5,
            onStage: (stage) => {
                if (stage === "loaded") link.stall(10_000);
            },
        });
        return { outcome, port: await openPort() };
    });

    const cutShort = story(async () => {
        const { apply, openPort, link, connection } = await begin("cut");
        await apply(80);
        const before = link.sent();
        await apply(81);
        const whole = link.sent() - before;
        const seed = Date.now() % 1_000_000;
        const cuts = fc.sample(fc.integer({ min: 1, max: whole }), { numRuns: 6, seed });
        let running = 81;
        let port = 82;
        const lies: string[] = [];
        for (const bytes of cuts) {
            link.cutAt(link.sent() + bytes);
            const outcome = await apply(port, { confirmSeconds: 5 }).catch((error: Error) => error);
            link.cutAt(Infinity);
            const found = await openPort();
            const said = outcome instanceof Error ? "failed" : outcome.kind;
            const expected = said === "confirmed" ? port : running;
            if (found !== expected) lies.push(`seed ${seed}, cut at ${bytes} of ${whole}: said ${said}, runs ${found}`);
            const probe = await probeHost(connection);
            if (probe.pending !== undefined || probe.confirmed?.applyId !== probe.mark?.applyId)
                lies.push(`seed ${seed}, cut at ${bytes} of ${whole}: something is pending`);
            running = found ?? 0;
            port++;
        }
        return { lies, seed };
    });

    const large = story(async () => {
        const { apply, link, host } = await begin("large", { latency: 50, rate: 2_000_000 });
        const padding = `# ${"a comment that only takes room, ".repeat(30)}\n`.repeat(10_400);
        const forward = (applyId: string) => `${ruleset(applyId, 80)}${padding}`;
        const before = link.sent();
        const outcome = await apply(80, {
            plan: (_, applyId) => ({ forward: forward(applyId), boot: forward(applyId), manifest: {} }),
        });
        const { stdout } = await host.run("wc -c </var/lib/vps-firewall/confirmed.nft");
        return {
            kind: outcome.kind,
            sent: link.sent() - before,
            stored: Number(stdout),
            size: forward("0".repeat(16)).length,
        };
    });

    test("300 ms away: loaded and confirmed", async () => {
        expect(await far()).toEqual({ kind: "confirmed", port: 80 });
    }, 60_000);

    test("stalls of 10 s in the middle of loading and of confirming are waited out", async () => {
        expect(await stalled()).toEqual({ outcomes: ["confirmed", "confirmed"], port: 81 });
    }, 90_000);

    test("a stall longer than the window: the host went back, and the outcome says so", async () => {
        const { outcome, port } = await tooLate();
        expect(outcome).toMatchObject({ kind: "reverted", probe: { confirmed: { generation: 1 } } });
        expect(port).toBe(80);
    }, 60_000);

    test("cut at any byte: nothing ran, or it was taken back, or it was confirmed; and that is what is said", async () => {
        expect((await cutShort()).lies).toEqual([]);
    }, 120_000);

    test("10 MB of ruleset through 2 MB a second", async () => {
        const { kind, sent, stored, size } = await large();
        expect(size).toBeGreaterThan(10_000_000);
        expect({ kind, stored }).toEqual({ kind: "confirmed", stored: size });
        // Text that goes into two files goes over the link once.
        expect(sent).toBeLessThan(1.1 * size);
    }, 120_000);
});
