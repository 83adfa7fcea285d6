import { homedir } from "node:os";

import { applyRuleset } from "../../../targets/ssh/applyRuleset";
import { listTable } from "../../../targets/ssh/listTable";
import { probeHost } from "../../../targets/ssh/probeHost";
import type { ApplyOptions, ApplyOutcome } from "../../../targets/ssh/protocol";
import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { openSession } from "../../../targets/ssh/session";
import { describeLab, openLab, type Lab, type LabHost } from "../../lab";
import { mustBe, timing } from "./kit";
import { FOREIGN, planFor, RESOURCE, ruleset } from "./rulesets";

/** A real sshd, a real network, real packets. */
describeLab("the protocol over SSH", () => {
    let lab: Lab;
    let host: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        host = await lab.addHost("web1");
    });
    afterAll(() => lab?.close());
    afterEach(() => removeRuleset({ ...reach(host), resource: RESOURCE }));

    function reach(to: LabHost, user: string = to.user) {
        const target = {
            host: to.ipv4,
            port: to.port,
            user,
            hostKey: to.hostKey,
            dialErrorLimit: 1,
            perDialTimeout: 2,
        };
        const surroundings = { config: {}, env: {}, home: homedir() };
        return {
            host: to.ipv4,
            connect: (signal: AbortSignal) =>
                openSession(target, { privateKey: to.privateKey }, surroundings, { signal }),
            timing,
        };
    }

    function apply(port: number, other: Partial<ApplyOptions> = {}): Promise<ApplyOutcome> {
        return applyRuleset({
            ...reach(host),
            plan: (_, applyId) => planFor(applyId, port),
            verify: () => undefined,
            confirmSeconds: 20,
            ...other,
        });
    }

    const lockOut: ApplyOptions["plan"] = (_, applyId) => {
        const forward = ruleset(applyId, 81).replace("tcp dport 22", "tcp dport 2");
        return { forward, boot: forward, manifest: {} };
    };
    const reachable = (port: number) => lab.connect({ to: host.ipv4, port, timeout: 500 });

    test("a first apply and a change decide real connections, and nothing else changes", async () => {
        await host.run(["nft", "-f", "-"], { input: FOREIGN });
        const foreign = () => host.run("nft -a -s list table ip filter; nft -a -s list table inet f2b-table");
        const before = await foreign();
        const listeners = await Promise.all([host.listen(80), host.listen(81)]);
        expect(await Promise.all([reachable(80), reachable(81)])).toEqual(["open", "open"]);

        const first = mustBe(await apply(80), "confirmed");
        expect(first.probe.machineId).toBe(host.machineId);
        expect(first.probe.connection).toMatchObject({
            clientAddress: lab.deployer.ipv4,
            serverAddress: host.ipv4,
            serverPort: host.port,
        });
        expect(first.probe.listeners).toContainEqual(
            expect.objectContaining({ protocol: "tcp", port: 22, process: "sshd" }),
        );
        expect(await Promise.all([reachable(80), reachable(81)])).toEqual(["open", "timeout"]);

        mustBe(await apply(81), "confirmed");
        expect(await Promise.all([reachable(80), reachable(81)])).toEqual(["timeout", "open"]);
        expect(await foreign()).toEqual(before);
        await Promise.all(listeners.map((listener) => listener.close()));
        await host.run("nft delete table ip filter; nft delete table inet f2b-table");
    });

    test("a change that locks out is taken back by the host, and the client says what it runs", async () => {
        mustBe(await apply(80), "confirmed");
        const lines: string[] = [];
        const began = Date.now();
        const reverted = mustBe(
            await apply(81, { plan: lockOut, confirmSeconds: 5, progress: (_, text) => void lines.push(text) }),
            "reverted",
        );
        expect(reverted.reason).toMatch(/^no new SSH connection could be opened within 5 s \(.*\)$/);
        expect(reverted.probe.confirmed).toMatchObject({ generation: 1, manifest: { port: 80 } });
        expect(Date.now() - began).toBeLessThan(20_000);
        expect(lines).toContain("armed: the host goes back by itself in 5 s unless confirmed");
        expect((await host.run("nft list ruleset")).stdout).toContain("tcp dport 80");
    });

    test("a host that vanishes in the window is unknown, and has gone back when it is there again", async () => {
        mustBe(await apply(80), "confirmed");
        const device = (await host.run("ip -o -4 addr show scope global | cut -d ' ' -f 2")).stdout.trim();
        const unknown = mustBe(
            await apply(81, {
                confirmSeconds: 5,
                timing: { ...timing, reach: 2 },
                onStage: async (stage) => {
                    if (stage === "loaded") await host.run(["ip", "link", "set", device, "down"]);
                },
            }),
            "unknown",
        );
        expect(unknown.before.confirmed?.generation).toBe(1);
        await host.run(["ip", "link", "set", device, "up"]);
        await host.run(`ip -6 addr add ${host.ipv6}/64 dev ${device} nodad 2>/dev/null`);
        const after = await probeHost(reach(host));
        expect(after.confirmed?.generation).toBe(1);
        expect(after.mark?.applyId).toBe(after.confirmed?.applyId);
    });

    test("the old connection is not enough to confirm", async () => {
        mustBe(await apply(80), "confirmed");
        let first: Awaited<ReturnType<typeof openSession>> | undefined;
        const { connect } = reach(host);
        const outcome = await apply(81, {
            plan: lockOut,
            confirmSeconds: 5,
            connect: async (signal) => {
                const session = await connect(signal);
                first ??= session;
                return session;
            },
            onStage: async (stage) => {
                if (stage !== "loaded") return;
                // Established connections live on through the change, this one too.
                const answer = await first?.run("echo still here", "", { timeoutMs: 2000, maxOutput: 1000 });
                expect(answer?.stdout).toBe("still here\n");
            },
        });
        mustBe(outcome, "reverted");
    });

    test("sudo without a password serves as well as root; without it, the error says so (VF162)", async () => {
        const [allowed, refused] = await Promise.all([
            lab.addHost("sudo1", { sudo: "passwordless" }),
            lab.addHost("sudo2", { sudo: "none" }),
        ]);
        const options = { plan: (_: unknown, id: string) => planFor(id, 80), verify: () => undefined };
        const outcome = mustBe(await applyRuleset({ ...reach(allowed, "deploy"), ...options }), "confirmed");
        expect(outcome.probe.connection?.clientAddress).toBe(lab.deployer.ipv4);
        await expect(applyRuleset({ ...reach(refused, "deploy"), ...options })).rejects.toThrow(/^VF162 /);
        await Promise.all([allowed.stop(), refused.stop()]);
    });

    test("who only asks gets the table's listing and leaves nothing there, with sudo too", async () => {
        const [asked, refused] = await Promise.all([
            lab.addHost("asked", { sudo: "passwordless" }),
            lab.addHost("asked0", { sudo: "none" }),
        ]);
        expect(await listTable(reach(asked, "deploy"))).toBeUndefined();
        const left = await asked.run("ls -d /var/lib/vps-firewall /run/vps-firewall 2>/dev/null || true");
        expect(left.stdout).toBe("");
        await asked.run(["nft", "-f", "-"], { input: ruleset("0123456789abcdef", 80) });
        expect(JSON.parse((await listTable(reach(asked, "deploy")))!.listing)).toHaveProperty("nftables");
        await expect(listTable(reach(refused, "deploy"))).rejects.toThrow(/^VF162 /);
        await Promise.all([asked.stop(), refused.stop()]);
    });

    test("no nft (VF160), nft too old (VF161): said before anything changes", async () => {
        const [without, old] = await Promise.all([
            lab.addHost("nft0", { without: ["nft", "iptables"] }),
            lab.addHost("nft1", { nftVersion: "0.9.3" }),
        ]);
        await expect(probeHost(reach(without))).rejects.toThrow(/^VF160 /);
        await expect(listTable(reach(without))).rejects.toThrow(/^VF160 /);
        await expect(probeHost(reach(old))).rejects.toThrow(/^VF161 .* has nft 0\.9\.3\. /);
        await Promise.all([without.stop(), old.stop()]);
    });
});
