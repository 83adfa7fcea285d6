import { IN4, IN6, openRuleset, packet, table } from "./ask";

describe("what is not understood", () => {
    test("a match is a condition, the same wherever it stands", () => {
        const { may, must, verdict, conditions } = openRuleset(table("meta skuid 5 drop\n meta skuid != 5 accept"));
        expect(conditions).toEqual(["meta skuid 5"]);
        expect(verdict(packet(`tcp ${IN4}`))).toBe("accept");
        expect([may(packet(`tcp ${IN4}`)), must(packet(`tcp ${IN4}`))]).toEqual([true, false]);
        expect(openRuleset(table("meta skuid 5 accept\n meta skuid != 5 accept")).must(packet(`tcp ${IN4}`))).toBe(
            true,
        );
    });

    test("but not where the field is given another value in between", () => {
        const { may } = openRuleset(table("meta mark 1 drop\n meta mark set 1\n meta mark 1 accept"));
        expect(may(packet(`tcp ${IN4}`))).toBe(true);
    });

    test.each([
        "tcp dport 22 queue num 1",
        "tcp dport 22 synproxy mss 1460 wscale 7 accept",
        "tcp dport 22 dup to 10.0.0.1 drop",
    ])("%s may do anything with what comes there", (rule) => {
        const { exact, may, must } = openRuleset(table(`${rule}\n tcp dport 23 accept`));
        expect(exact).toBe(false);
        expect([may(packet(`tcp ${IN4} port 22`)), must(packet(`tcp ${IN4} port 22`))]).toEqual([true, false]);
        expect([may(packet(`tcp ${IN4} port 23`)), must(packet(`tcp ${IN4} port 23`))]).toEqual([true, true]);
        expect(may(packet(`tcp ${IN4} port 24`))).toBe(false);
    });

    test("an unknown word in a known field", () => {
        expect(openRuleset(table("tcp dport gopher accept")).conditions).toEqual(["tcp dport gopher"]);
        expect(openRuleset(table("tcp dport { 22, gopher } accept")).conditions).toEqual(["tcp dport { 22, gopher }"]);
    });
});

test.each([
    ["a file", 'include "/etc/x"', /^line 1: it says "include/],
    ["a definition", "define a = 5", /^line 1: it says "define a"/],
    ["an open chain", "table inet t {\nchain c {", /^line 2: a chain is not closed/],
    ["an open set", "table inet t { set s {", /a set is not closed/],
    ["no priority", "table inet t { chain c { type filter hook input priority first; } }", /"first" is no priority/],
    ["a command", "insert rule inet t c accept", /it says "insert rule"/],
    [
        "a circle of jumps",
        table("jump a", "chain a { jump b\n}\nchain b { goto a\n}"),
        /^chains jump in a circle: input, a, b, a$/,
    ],
    ["a jump to nowhere", table("jump a"), /^there is no chain "a"$/],
    ["a set that is not there", table("ip saddr @a accept"), /^there is no set "a"$/],
])("%s is refused", (_, text, problem) => {
    expect(() => openRuleset(text)).toThrow(problem);
});

test("tables that are taken away, added to or flushed", () => {
    const text = `
        table inet a { chain i { type filter hook input priority 0; policy drop; }
        }
        delete table inet a
        flush ruleset
        table ip filter { set s { type ipv4_addr; }
            chain i { type filter hook input priority 0; policy drop;
            }
        }
        add element ip filter s { 192.0.2.1, 192.0.2.2 }
        add rule ip filter i ip saddr @s tcp dport 22 accept`;
    const { verdict } = openRuleset(text);
    expect(
        [`tcp ${IN4} port 22`, `tcp ${IN4} port 23`, `tcp ${IN6} port 23`].map((words) => verdict(packet(words))),
    ).toEqual(["accept", "drop", "accept"]);
});
