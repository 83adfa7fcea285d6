import { IN4, IN6, openRuleset, packet, table } from "./ask";
import { constructs } from "./constructs";
import { perPacket } from "./perPacket";

function read(rule: string | object[]) {
    if (typeof rule === "string") return openRuleset(table(rule));
    const own = { family: "inet", table: "t" };
    const objects = [
        { metainfo: { version: "1.0.6" } },
        { table: { family: "inet", name: "t" } },
        { chain: { ...own, name: "input", type: "filter", hook: "input", prio: 0, policy: "drop" } },
        { rule: { ...own, chain: "input", expr: rule } },
    ];
    return openRuleset(JSON.stringify({ nftables: objects }));
}

test.each(
    constructs.flatMap(([rules, accepted, others]) =>
        rules.map(
            (rule) =>
                [
                    typeof rule === "string" ? rule.replaceAll("\n", ";") : JSON.stringify(rule),
                    rule,
                    accepted,
                    others,
                ] as const,
        ),
    ),
)("%s", (_, rule, accepted, others) => {
    const opened = read(rule);
    const said = (words: string) => [words, opened.verdict(packet(words))];
    expect(accepted.map(said)).toEqual(accepted.map((words) => [words, "accept"]));
    expect(others.map(said)).toEqual(others.map((words) => [words, "drop"]));
    expect(opened.exact).toBe(true);
    // One packet at a time, the same.
    if (JSON.stringify(opened.ruleset).includes("@th")) return;
    const one = perPacket(opened.ruleset, "input");
    for (const words of [...accepted, ...others]) expect([words, one(packet(words))]).toEqual(said(words));
});

test.each([
    ["reject", "port-unreachable", "port-unreachable"],
    ["reject with icmpx type port-unreachable", "port-unreachable", "port-unreachable"],
    ["reject with icmpx type admin-prohibited", "admin-prohibited", "admin-prohibited"],
    ["reject with icmpx admin-prohibited", "admin-prohibited", "admin-prohibited"],
    ["reject with icmpx host-unreachable", "host-unreachable", "host-unreachable"],
    ["reject with icmpx no-route", "no-route", "no-route"],
    ["reject with icmp type port-unreachable", "port-unreachable", "drop"],
    ["reject with icmp host-unreachable", "host-unreachable", "drop"],
    ["reject with icmpv6 no-route", "drop", "no-route"],
    ["reject with icmpv6 type addr-unreachable", "drop", "host-unreachable"],
    ["reject with icmp host-prohibited", "other", "drop"],
    ["meta l4proto tcp reject with tcp reset", "tcp-reset", "tcp-reset"],
    ["reject with tcp reset", "tcp-reset", "tcp-reset"],
])("%s answers", (rule, four, six) => {
    const { verdict } = openRuleset(table(rule));
    expect([verdict(packet(`tcp ${IN4}`)), verdict(packet(`tcp ${IN6}`))]).toEqual([four, six]);
});
