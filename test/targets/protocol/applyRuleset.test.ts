import { FirewallError } from "../../../core/model/diagnostics";
import type { Plan } from "../../../targets/ssh/protocol";
import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, applyAndVanish, confirmedFile, mustBe, openPort, probe, staged, timing } from "./kit";
import { FOREIGN, planFor, ruleset } from "./rulesets";

describeBare("applying", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
    });
    afterEach(() => host.stop());

    test("a first apply, a change, and nothing to do", async () => {
        const lines: string[] = [];
        const progress = (phase: string, text: string) => void lines.push(`${phase} ${text}`);

        const first = mustBe(await apply(host, 80, { progress }), "confirmed");
        expect(first.probe.table).toBe("absent");
        expect(first.generation).toBe(1);
        expect(JSON.parse(first.listing)).toHaveProperty("nftables");
        expect(openPort(host)).toBe(80);

        const second = mustBe(await apply(host, 81, { progress }), "confirmed");
        expect(second.probe.mark?.applyId).toBe(first.applyId);
        expect(second.probe.confirmed).toMatchObject({ applyId: first.applyId, generation: 1, manifest: { port: 80 } });
        expect(second.generation).toBe(2);
        expect(openPort(host)).toBe(81);
        expect(host.sh(`cat ${confirmedFile}`)).toBe(ruleset(second.applyId, 81));
        expect(host.sh(staged)).toBe("");

        const before = host.sh("cd /var/lib/vps-firewall; ls -l --full-time *");
        const third = mustBe(await apply(host, 81, { plan: () => "unchanged" }), "unchanged");
        expect(third.probe.confirmed?.generation).toBe(2);
        expect(host.sh("cd /var/lib/vps-firewall; ls -l --full-time *")).toBe(before);

        expect(lines.map((line) => line.replace(/nftables [0-9.]+/, "nftables N"))).toEqual([
            "checking nftables N, no table of ours",
            "applying armed: the host goes back by itself in 20 s unless confirmed",
            "confirming over a new connection ... confirmed, saved",
            "checking nftables N, table vps_firewall generation 1",
            "applying armed: the host goes back by itself in 20 s unless confirmed",
            "confirming over a new connection ... confirmed, saved",
        ]);
    });

    test("each apply confirms over a connection of its own", async () => {
        let opened = 0;
        const connect = () => {
            opened++;
            return host.connect();
        };
        mustBe(await apply(host, 80, { connect }), "confirmed");
        expect(opened).toBe(2);
    });

    test("a refusal of the caller changes nothing", async () => {
        const plan = () => {
            throw new Error("would lock you out");
        };
        await expect(apply(host, 80, { plan })).rejects.toThrow("would lock you out");
        expect(host.sh("ls /var/lib")).toBe("");
        expect(openPort(host)).toBeUndefined();
    });

    test("a ruleset that nft refuses changes nothing", async () => {
        mustBe(await apply(host, 80), "confirmed");
        const plan = (_: unknown, applyId: string): Plan => {
            const bad = ruleset(applyId, 81).replace("tcp dport 81", "tcp dport nonsense:81");
            return { forward: bad, boot: bad, manifest: {} };
        };
        const error = await apply(host, 81, { plan }).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(FirewallError);
        expect((error as FirewallError).code).toBe("VF166");
        expect((error as FirewallError).message).toContain("nonsense");
        expect(openPort(host)).toBe(80);
        expect(host.sh(staged)).toBe("");
        expect((await probe(host)).pending).toBeUndefined();
    });

    test("EA-43: a loaded ruleset that is not what was meant goes back at once", async () => {
        mustBe(await apply(host, 80), "confirmed");
        const began = Date.now();
        const outcome = await apply(host, 81, { verify: () => "rule web/open is missing", confirmSeconds: 60 });
        const reverted = mustBe(outcome, "reverted");
        expect(Date.now() - began).toBeLessThan(20_000);
        expect(reverted.reason).toBe("rule web/open is missing");
        expect(reverted.probe.confirmed?.generation).toBe(1);
        expect(openPort(host)).toBe(80);
        expect(host.sh(staged)).toBe("");
    });

    test("what others have in the packet filter stays byte for byte", async () => {
        host.sh(`nft -f - <<'END'\n${FOREIGN}END`);
        const foreign = () => host.sh("nft -a -s list table ip filter; nft -a -s list table inet f2b-table");
        const before = foreign();
        mustBe(await apply(host, 80), "confirmed");
        mustBe(await apply(host, 81), "confirmed");
        mustBe(await apply(host, 82, { verify: () => "no" }), "reverted");
        expect(foreign()).toBe(before);
        expect((await probe(host)).otherTables).toEqual(["ip filter", "inet f2b-table"]);
    });

    test("a host that changed between probe and apply is looked at again", async () => {
        mustBe(await apply(host, 80), "confirmed");
        const seen: (number | undefined)[] = [];
        const outcome = await apply(host, 82, {
            plan: async (found, applyId) => {
                seen.push(found.confirmed?.generation);
                if (seen.length === 1) mustBe(await apply(host, 81), "confirmed");
                return planFor(applyId, 82);
            },
        });
        expect(mustBe(outcome, "confirmed").generation).toBe(3);
        expect(seen).toEqual([1, 2]);
    });

    test("a host that never keeps still is an error, and is left as it is", async () => {
        mustBe(await apply(host, 80), "confirmed");
        const outcome = apply(host, 82, {
            plan: (_, applyId) => {
                host.sh("nft insert rule inet vps_firewall input tcp dport 3306 accept");
                return planFor(applyId, 82);
            },
        });
        await expect(outcome).rejects.toThrow(/^VF164 the firewall of web1/);
        expect(openPort(host)).toBe(80);
    });

    test("two applies at once: each is applied whole, one after the other", async () => {
        const outcomes = await Promise.all([apply(host, 80), apply(host, 81), apply(host, 82)]);
        const generations = outcomes.map((outcome) => mustBe(outcome, "confirmed").generation);
        expect([...generations].sort()).toEqual([1, 2, 3]);
        expect(openPort(host)).toBe(80 + generations.indexOf(3));
    });

    test("rules that others put into our table come back with a revert", async () => {
        const { applyId: confirmed } = mustBe(await apply(host, 80), "confirmed");
        host.sh("nft insert rule inet vps_firewall input tcp dport 3306 accept");
        const back = `${ruleset(confirmed, 80)}insert rule inet vps_firewall input tcp dport 3306 accept\n`;
        const outcome = await apply(host, 81, {
            plan: (_, applyId) => ({ ...planFor(applyId, 81), back }),
            verify: () => "no",
        });
        mustBe(outcome, "reverted");
        expect(openPort(host)).toBe(80);
        expect(host.sh("nft list table inet vps_firewall")).toContain("tcp dport 3306 accept");
    });

    test("such rules that do not load again are said and do not stop an apply", async () => {
        mustBe(await apply(host, 80), "confirmed");
        const lines: string[] = [];
        const outcome = await apply(host, 81, {
            plan: (_, applyId) => ({ ...planFor(applyId, 81), back: "insert rule inet nowhere x accept\n" }),
            progress: (_, text) => void lines.push(text),
            verify: () => "no",
        });
        mustBe(outcome, "reverted");
        expect(lines).toContainEqual(expect.stringContaining("do not load again"));
        expect(openPort(host)).toBe(80);
    });

    test("a table of our name that somebody else wrote is left alone", async () => {
        host.sh("nft add table inet vps_firewall; nft add chain inet vps_firewall theirs");
        const before = host.sh("nft -a list ruleset");
        expect((await probe(host)).table).toBe("unmarked");
        await expect(apply(host, 80)).rejects.toThrow(/^VF165/);
        expect(host.sh("nft -a list ruleset")).toBe(before);
    });

    test("the next apply waits for one that is still open", async () => {
        mustBe(await apply(host, 80), "confirmed");
        await applyAndVanish(host, 81, 3);
        const lines: string[] = [];
        const outcome = await apply(host, 82, { progress: (_, text) => void lines.push(text) });
        expect(mustBe(outcome, "confirmed").probe.confirmed?.generation).toBe(1);
        expect(lines[0]).toMatch(/^waiting for another change: confirmed or taken back within \d s$/);
        expect(openPort(host)).toBe(82);
    });

    test("before the first ruleset is enforced, connections are tracked for a moment", async () => {
        const tracking = apply(host, 80, { timing: { ...timing, track: 2 } });
        const seen = new Set<string>();
        const watch = setInterval(() => seen.add(host.sh("nft -s list ruleset")), 200);
        mustBe(await tracking, "confirmed");
        clearInterval(watch);
        const first = [...seen].find((text) => text.includes("policy accept"));
        expect(first).toContain("ct state established accept");
        expect(openPort(host)).toBe(80);
    });
});
