import { IN4, IN6, openRuleset, packet, table } from "./ask";

describe("named sets and maps", () => {
    const sets = `
        set office { type ipv4_addr; flags interval; auto-merge; comment "office"
            elements = { 192.0.2.0/25, 192.0.2.128-192.0.2.200,
                         10.0.0.1 comment "a, } b" }
        }
        set nobody { type ipv4_addr
        }
        set seen { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 1m; }
        set filled { type ipv4_addr; size 65535; }
        map ports { type inet_service : verdict
            elements = { 22 : accept, 80 : jump web, 443 : goto web }
        }
        chain web { ip saddr 192.0.2.1 accept
        }`;

    test("hold what they hold", () => {
        const { verdict } = openRuleset(table("ip saddr @office accept", sets));
        expect(
            ["192.0.2.200", "10.0.0.1", "192.0.2.201"].map((from) => verdict(packet(`tcp ${from} > 10.0.0.2`))),
        ).toEqual(["accept", "accept", "drop"]);
    });

    test("an empty one holds nobody, and everybody is no part of it", () => {
        expect(openRuleset(table("ip saddr @nobody accept", sets)).verdict(packet(`tcp ${IN4}`))).toBe("drop");
        expect(openRuleset(table("meta mark @nobody accept", sets)).verdict(packet(`tcp ${IN4}`))).toBe("drop");
        const others = openRuleset(table("ip saddr != @nobody accept", sets));
        expect([others.verdict(packet(`tcp ${IN4}`)), others.verdict(packet(`tcp ${IN6}`))]).toEqual([
            "accept",
            "drop",
        ]);
    });

    test("what comes and goes is a condition", () => {
        const name = "ip saddr @t/seen";
        const { verdict, conditions, may, must } = openRuleset(table("ip saddr @seen accept", sets));
        expect(conditions).toEqual([name]);
        expect([verdict(packet(`tcp ${IN4}`)), verdict(packet(`tcp ${IN4} if ${name}`))]).toEqual(["drop", "accept"]);
        expect([may(packet(`tcp ${IN4}`)), must(packet(`tcp ${IN4}`)), may(packet(`tcp ${IN6}`))]).toEqual([
            true,
            false,
            false,
        ]);
        const filled = openRuleset(table("ip saddr @filled accept\n add @filled { ip saddr }", sets));
        expect(filled.conditions).toEqual(["ip saddr @t/filled"]);
    });

    test("each source has a limit of its own", () => {
        const name = "limit 10/second burst 20 per source";
        const rules = [
            "update @seen { ip saddr limit rate 10/second burst 20 packets } accept",
            "add @seen { ip saddr timeout 5m limit rate 10/second burst 20 packets } counter accept",
        ];
        for (const rule of rules) {
            const { verdict } = openRuleset(table(rule, sets));
            const packets = [`tcp ${IN4}`, `tcp ${IN4} if ${name}`, `tcp ${IN6} if ${name}`];
            expect(packets.map((words) => verdict(packet(words)))).toEqual(["drop", "accept", "drop"]);
        }
        for (const mask of ["and", "&"]) {
            const rule = `update @seen { ip6 saddr ${mask} ffff:ffff:ffff:ffff:: limit rate 10/second burst 20 packets } accept`;
            const { verdict } = openRuleset(table(rule, sets));
            expect([verdict(packet(`tcp ${IN6} if ${name}`)), verdict(packet(`tcp ${IN4} if ${name}`))]).toEqual([
                "accept",
                "drop",
            ]);
        }
        const over = openRuleset(
            table("update @seen { ip saddr limit rate over 10/second burst 20 packets } accept", sets),
        );
        expect([over.verdict(packet(`tcp ${IN4}`)), over.verdict(packet(`tcp ${IN4} if ${name}`))]).toEqual([
            "accept",
            "drop",
        ]);
        expect(openRuleset(table("update @seen { ip daddr limit rate 1/hour } accept", sets)).conditions).toEqual([
            "limit 1/hour burst 5 per ip daddr",
        ]);
    });

    test("verdict maps jump and go", () => {
        const { verdict } = openRuleset(table("tcp dport vmap @ports\n accept", sets));
        const at = (port: number, from: string) => verdict(packet(`tcp ${from} > 192.0.2.10 port ${port}`));
        expect([
            at(22, "10.0.0.9"),
            at(80, "192.0.2.1"),
            at(80, "10.0.0.9"),
            at(443, "192.0.2.1"),
            at(443, "10.0.0.9"),
        ]).toEqual(["accept", "accept", "accept", "accept", "drop"]);
    });
});
