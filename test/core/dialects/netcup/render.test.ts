import Ajv from "ajv/dist/2020";
import fc from "fast-check";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { countRules, effectiveRules, tooManyRules } from "../../../../core/dialects/netcup/count";
import { countByTemplate, render, rulesOf } from "../../../../core/dialects/netcup/render";
import type { FirewallRule } from "../../../../core/dialects/netcup/rule";
import type { Policy } from "../../../../core/model/policy";
import { parseAddressRange } from "../../../../core/model/parseAddress";
import { firewallRuleSchema } from "./firewallRuleSchema";
import { DROP, notesOf, onPanelOf, OPEN, policyOf, proofOf, sent } from "./panel";
import { policies } from "./random";

const ingress = (...lines: string[]) => sent(policyOf(lines));

function refusal(line: string, policy: Policy = policyOf([line])): string {
    try {
        render(policy);
    } catch (error) {
        if (error instanceof CannotExpress) return `${error.key} ${error.field}: ${error.problem}`;
        throw error;
    }
    return "it is said";
}

describe("NC-20, NC-21: the limit", () => {
    const allow = (sources: number, destinations = 0): FirewallRule => ({
        direction: "INGRESS",
        protocol: "TCP",
        action: "ACCEPT",
        sources: Array.from({ length: sources }, (_, i) => `10.0.${i >> 8}.${i & 255}`),
        destinations: Array.from({ length: destinations }, (_, i) => `192.0.2.${i}`),
    });

    test("a rule counts once for each pair of a source and a destination", () => {
        expect([allow(0), allow(5), allow(5, 1), allow(0, 3), allow(1, 1)].map(effectiveRules)).toEqual([
            1, 5, 5, 3, 1,
        ]);
        expect(effectiveRules({ direction: "INGRESS", protocol: "TCP", action: "DROP", sources: null })).toBe(1);
        expect(countRules([allow(5, 1), allow(0)])).toBe(6);
    });

    test("500 fit, 501 are an error that counts each template", () => {
        expect(tooManyRules(new Map([["web", 500]]))).toBeUndefined();
        expect(tooManyRules(new Map([...[["base", 1] as const], ["web", 500] as const]))).toMatch(
            /^501 rules, and 500 are the most .*: base 1, web 500\. /,
        );
    });

    test("two templates of 300 don't fit on one interface, and do on two", () => {
        const each = ["a", "b"].map((name) => [name, 300] as const);
        expect(tooManyRules(new Map(each))).toMatch(/^600 rules/);
        for (const one of each) expect(tooManyRules(new Map([one]))).toBeUndefined();
    });

    test("rules are counted for the template that they come from, replies too", () => {
        const policy = policyOf(
            ["accept tcp from 10.0.0.1, 10.0.0.3 to port 22", "egress accept tcp to anywhere port 80"],
            DROP,
        );
        const [first, second] = policy.rules;
        const rules = [
            { ...first!, key: "base/ssh" },
            { ...second!, key: "out/web" },
        ];
        expect(countByTemplate(render({ ...policy, rules }))).toEqual(
            new Map([
                ["base", 4],
                ["out", 1],
            ]),
        );
        expect(countByTemplate(render(policyOf([])))).toEqual(new Map([["defaults", 4]]));
    });

    test("a list that could never fit is refused before it is written out", () => {
        expect(refusal("accept tcp from 10.0.0.1-10.255.255.254, 11.0.0.1-11.255.255.254 to port 22")).toBe(
            "it is said",
        );
        const ranges = Array.from({ length: 501 }, (_, i) => ({
            family: 4 as const,
            first: BigInt(2 * i),
            last: BigInt(2 * i),
        }));
        const crowd = (count: number) =>
            policyOf(["accept tcp from set crowd to port 22"], DROP, [
                { name: "crowd", ranges: ranges.slice(0, count) },
            ]);
        expect(refusal("", crowd(501))).toMatch(
            /^web\/1 from: it takes more than the 500 rules .* keep long lists on the host$/,
        );
        expect(refusal("", crowd(250))).toBe("it is said");
        expect(render(crowd(250)).count).toBe(500);
    });
});

test("NC-26, NC-28: directions, and the four protocols in netcup's spelling", () => {
    const policy = policyOf(["accept any from 198.51.100.10, 2001:db8::cafe", "egress drop tcp to anywhere port 25"], {
        ingress: "drop",
        egress: "accept",
    });
    expect(sent(policy)).toEqual([
        "INGRESS TCP 198.51.100.10,2001:db8::cafe ACCEPT",
        "INGRESS UDP 198.51.100.10,2001:db8::cafe ACCEPT",
        "INGRESS ICMP 198.51.100.10 ACCEPT",
        "INGRESS ICMPv6 2001:db8::cafe ACCEPT",
        "EGRESS TCP > 25 DROP",
        "EGRESS TCP ACCEPT",
        "EGRESS UDP ACCEPT",
        "EGRESS ICMP ACCEPT",
        "EGRESS ICMPv6 ACCEPT",
    ]);
    expect(notesOf(policy, "other protocols")[0]).toBe(
        "web/1: it is said for tcp, udp, icmp and icmpv6; other protocols (GRE, ESP, SCTP, ...) are not covered",
    );
    expect(notesOf(policy, "several rules")).toEqual([
        expect.stringMatching(/^web\/1: 4 rules of netcup's, since each takes one protocol/),
    ]);
});

test("NC-27, NC-34: what netcup can't say is refused by rule and field, with a way out", () => {
    expect(refusal("reject tcp from anywhere to port 25")).toMatch(
        /^web\/1 action: .* drop here, and reject on the host$/,
    );
    expect(refusal("accept tcp from anywhere to port 22 limit 10/minute burst 5")).toMatch(
        /^web\/1 limit: .* on the host$/,
    );
    expect(refusal("accept tcp from anywhere to port 22 in eth0")).toMatch(/^web\/1 interface: .* filter on the host$/);
    expect(refusal("accept tcp from anywhere to port 22 state new")).toMatch(/^web\/1 state: /);
    expect(refusal("drop tcp from anywhere flags null")).toMatch(/^web\/1 tcpFlags: /);
    expect(refusal("accept protocol 47 from anywhere")).toMatch(
        /^web\/1 protocol: .* none for protocol 47: filter it on the host$/,
    );
    expect(refusal("drop icmp echo-request from anywhere")).toMatch(/^web\/1 icmpTypes: .* leave the types out$/);
    const [keyed] = policyOf(["accept icmp from anywhere"]).rules;
    const ports = { ranges: [{ first: 7, last: 7 }], unknown: false };
    const wrong = { ...keyed!, rule: { ...keyed!.rule, to: { ...keyed!.rule.to, ports } } };
    expect(refusal("", { ...policyOf([]), rules: [wrong] })).toMatch(/^web\/1 ports: icmp has no ports: /);
    expect(refusal("drop icmp from anywhere")).toBe("it is said");
    expect(refusal("drop tcp from anywhere to port 22")).toBe("it is said");
});

test("nothing is logged, which a note says", () => {
    const policy = policyOf(["accept tcp from anywhere to port 22 log"]);
    expect(sent(policy)).toEqual(["INGRESS TCP > 22 ACCEPT"]);
    expect(notesOf(policy, "log")).toEqual([expect.stringMatching(/^web\/1: .*nothing of it is logged$/)]);
});

test("NC-29, NC-30: one port or one range a rule, and neighbours are one range", () => {
    expect(ingress("accept tcp from anywhere port 1000-11000")).toEqual(["INGRESS TCP sp 1000-11000 ACCEPT"]);
    const range = policyOf(["accept tcp from anywhere port 1000-11000"]);
    for (const port of [1000, 11000]) expect(onPanelOf(range, `in tcp X sp ${port} > 22`)).toBe("accept");
    for (const port of [999, 11001]) expect(onPanelOf(range, `in tcp X sp ${port} > 22`)).toBe("drop");
    expect(ingress("accept tcp from anywhere to port 80, 443")).toEqual([
        "INGRESS TCP > 80 ACCEPT",
        "INGRESS TCP > 443 ACCEPT",
    ]);
    expect(ingress("accept tcp from anywhere to port 80, 81")).toEqual(["INGRESS TCP > 80-81 ACCEPT"]);
    expect(ingress("accept tcp from anywhere port 7, 9 to port 80, 443")).toHaveLength(4);
    expect(ingress("accept tcp from anywhere to port 1-65535")).toEqual(["INGRESS TCP ACCEPT"]);
    expect(ingress("accept udp from anywhere to port 1-7")).toEqual(["INGRESS UDP > 1-7 ACCEPT"]);
});

test("NC-32: both families in one list, and anywhere is an empty list", () => {
    expect(rulesOf(render(policyOf(["accept tcp from anywhere to port 22"])))[0]).toEqual({
        direction: "INGRESS",
        protocol: "TCP",
        action: "ACCEPT",
        description: "web/1",
        sources: [],
        destinations: [],
        destinationPorts: "22",
    });
    expect(ingress("accept tcp from 198.51.100.10, 2001:db8::cafe to port 22")).toEqual([
        "INGRESS TCP 198.51.100.10,2001:db8::cafe > 22 ACCEPT",
    ]);
    expect(ingress("accept tcp from anywhere IPv4 to port 22")).toEqual(["INGRESS TCP 0.0.0.0/0 > 22 ACCEPT"]);
    expect(ingress("accept icmp from anywhere IPv4")).toEqual(["INGRESS ICMP ACCEPT"]);
});

test("NC-33: destinations, and lists that can't face each other are split", () => {
    const second = policyOf(["accept tcp from anywhere to 192.0.2.20 port 443"]);
    expect(sent(second)).toEqual(["INGRESS TCP > 192.0.2.20 443 ACCEPT"]);
    expect(onPanelOf(second, "in tcp X > S2:443")).toBe("IPv4 accept, IPv6 drop");
    expect(onPanelOf(second, "in tcp X > 443")).toBe("drop");
    expect(ingress("accept tcp from 10.0.0.1, 10.0.0.3 to 192.0.2.1, 192.0.2.3 port 22")).toEqual([
        "INGRESS TCP 10.0.0.1,10.0.0.3 > 192.0.2.1 22 ACCEPT",
        "INGRESS TCP 10.0.0.1,10.0.0.3 > 192.0.2.3 22 ACCEPT",
    ]);
    expect(ingress("accept tcp from 10.0.0.1, 2001:db8::1 to 192.0.2.1, 2001:db8::2 port 22")).toEqual([
        "INGRESS TCP 10.0.0.1 > 192.0.2.1 22 ACCEPT",
        "INGRESS TCP 2001:db8::1 > 2001:db8::2 22 ACCEPT",
    ]);
    expect(ingress("accept tcp from 10.0.0.1, 2001:db8::1 to 192.0.2.1 port 22")).toEqual([
        "INGRESS TCP 10.0.0.1 > 192.0.2.1 22 ACCEPT",
    ]);
    expect(
        ingress("accept tcp from anywhere IPv6 to 192.0.2.1 port 22").filter((line) => line.includes("ACCEPT")),
    ).toEqual([]);
    expect(ingress("accept tcp from anywhere to 0.0.0.0/0, 2001:db8::2 port 22")).toEqual([
        "INGRESS TCP > 0.0.0.0/0,2001:db8::2 22 ACCEPT",
    ]);
    expect(ingress("accept tcp from anywhere IPv4 to 192.0.2.1, 2001:db8::2 port 22")).toEqual([
        "INGRESS TCP > 192.0.2.1 22 ACCEPT",
    ]);
});

test("what is excepted is taken out by prefixes, and drops before stay where they are", () => {
    expect(ingress("accept tcp from 10.0.0.0/29 except 10.0.0.5 to port 22")).toEqual([
        "INGRESS TCP 10.0.0.0/30,10.0.0.4,10.0.0.6/31 > 22 ACCEPT",
    ]);
    expect(ingress("drop tcp from 10.0.0.0/8", "accept tcp from anywhere to port 22")).toEqual([
        "INGRESS TCP 10.0.0.0/8 DROP",
        "INGRESS TCP > 22 ACCEPT",
    ]);
});

test("what no packet reaches is not sent", () => {
    expect(
        ingress("accept tcp from anywhere to port 22", "drop any from anywhere", "accept udp from anywhere to port 9"),
    ).toEqual(["INGRESS TCP > 22 ACCEPT"]);
    const open = policyOf(["drop tcp from 10.0.0.1", "accept tcp from anywhere to port 22"], OPEN);
    expect(sent(open)[0]).toBe("INGRESS TCP 10.0.0.1 DROP");
    expect(sent(open)).toHaveLength(5);
    expect(sent(policyOf(["accept tcp from anywhere to port 22"], OPEN))).toEqual([]);
});

test("what a rule drops stays dropped, though it would be an answer", () => {
    const policy = policyOf(
        [
            "accept udp from anywhere to port 53",
            "egress drop udp to 203.0.113.9, 2001:db8:bad::9",
            "egress accept tcp to anywhere port 443",
        ],
        DROP,
    );
    expect(sent(policy).slice(1)).toEqual([
        "EGRESS UDP > 203.0.113.9,2001:db8:bad::9 DROP",
        "EGRESS TCP > 443 ACCEPT",
        "EGRESS UDP sp 53 ACCEPT",
    ]);
    expect(onPanelOf(policy, "out udp sp 53 > X:40000")).toBe("drop");
    expect(onPanelOf(policy, "out udp sp 53 > T:40000")).toBe("accept");
    expect(notesOf(policy, "replies dropped")).toEqual([
        expect.stringMatching(/^web\/1: some answers to it are dropped/),
    ]);
    expect(proofOf(rulesOf(render(policy)), policy)).toBeUndefined();
});

test("a reply rule is not sent where the direction's own rules let the answers through", () => {
    const both = policyOf(
        ["accept tcp from anywhere to port 22", "egress accept tcp to anywhere", "egress accept udp to anywhere"],
        DROP,
    );
    expect(sent(both).filter((line) => line.includes(" sp "))).toEqual([]);
    const ping = policyOf(
        ["accept icmp echo-request from anywhere", "egress accept icmp echo-request to anywhere"],
        DROP,
    );
    expect(sent(ping)).toEqual(["INGRESS ICMP ACCEPT", "EGRESS ICMP ACCEPT"]);
});

test("a rule that never decides anything has no reply rule", () => {
    const lines = [
        "drop udp from anywhere to port 1-100",
        "accept udp from anywhere to port 53",
        "egress accept tcp to anywhere",
    ];
    const policy = policyOf(lines, DROP);
    expect(sent(policy).filter((line) => line.startsWith("EGRESS"))).toEqual(["EGRESS TCP ACCEPT"]);
    const reply: FirewallRule = { direction: "EGRESS", protocol: "UDP", action: "ACCEPT", sourcePorts: "53" };
    expect(proofOf([...rulesOf(render(policy)), reply], policy)).toMatch(
        /^out udp .* from port 53 .*: meant drop, done accept$/,
    );
});

test("answers that get through by other rules are not said to be lost", () => {
    const wide = ["accept tcp from anywhere"];
    expect(notesOf(policyOf([...wide, "egress accept udp to anywhere port 53"], DROP), "replies dropped")).toEqual([
        expect.stringMatching(/^web\/1: answers to it are dropped by the default of egress.*\(out tcp /),
    ]);
    expect(notesOf(policyOf([...wide, "egress accept tcp to anywhere"], DROP), "replies dropped")).toEqual([]);
    expect(notesOf(policyOf(wide), "replies dropped")).toEqual([]);
    expect(notesOf(policyOf([], { ingress: "accept", egress: "drop" }), "replies dropped")).toEqual([
        expect.stringMatching(/^answers to what ingress accepts by default .*\(out udp 192\.0\.2\.10 from port 53 -> /),
    ]);
    expect(notesOf(policyOf([], OPEN), "replies dropped")).toEqual([]);
});

test("a policy of a template fits or not, replies and defaults counted", () => {
    const ports = (count: number) => Array.from({ length: count }, (_, i) => 2 * i + 1).join(", ");
    const counts = (count: number) =>
        countByTemplate(render(policyOf([`accept tcp from anywhere to port ${ports(count)}`])));
    expect(tooManyRules(counts(500))).toBeUndefined();
    const two = policyOf([`accept tcp from anywhere to port ${ports(500)}`, "accept udp from anywhere to port 53"]);
    expect(tooManyRules(countByTemplate(render(two)))).toMatch(/^501 rules, and 500 are the most .*: web 501\. /);
});

test("what is too much is blamed on what there is most of", () => {
    const odd = (count: number) => Array.from({ length: count }, (_, i) => 2 * i + 1);
    const ports = odd(251).join(", ");
    expect(refusal(`accept tcp + udp from anywhere to port ${ports}`)).toMatch(
        /^web\/1 ports: it takes more than the 500/,
    );
    const hosts = odd(251)
        .map((i) => `10.0.${i >> 8}.${i & 255}`)
        .join(", ");
    expect(refusal(`accept tcp + udp from ${hosts}`)).toMatch(/^web\/1 from: /);
    expect(
        refusal(`egress accept tcp + udp to ${hosts}`, policyOf([`egress accept tcp + udp to ${hosts}`], DROP)),
    ).toMatch(/^web\/1 to: /);
});

test("a policy of 500 rules is proven in time", () => {
    const ranges = Array.from({ length: 250 }, (_, i) => BigInt(0x0a000000 + 64 * i)).map((first) => {
        return { family: 4 as const, first, last: first };
    });
    const lines = ["accept tcp + udp from set crowd to port 22, 80, 443, 8000-8100", "egress accept any to anywhere"];
    const policy = (count: number) => policyOf(lines, DROP, [{ name: "crowd", ranges: ranges.slice(0, count) }]);
    expect(render(policy(62)).count).toBe(500);
    expect(proofOf(rulesOf(render(policy(62))), policy(62))).toBeUndefined();
    expect(proofOf(rulesOf(render(policy(61))), policy(62))).toMatch(/ meant accept, done drop$/);
});

test("a policy that is not fully known is not rendered", () => {
    const [keyed] = policyOf(["accept tcp from 10.0.0.1 to port 22"]).rules;
    const from = { addresses: { kind: "list", ranges: [], sets: [], unknown: true } } as const;
    const open: Policy = { ...policyOf([]), rules: [{ ...keyed!, rule: { ...keyed!.rule, from } }] };
    expect(() => render(open)).toThrow("web/1 is not known yet");
});

test("whatever is sent is what the API takes: its schema, and what it says of two lists", () => {
    const isValid = new Ajv().compile(firewallRuleSchema);
    expect(isValid({ direction: "INGRESS", protocol: "TCP", action: "ACCEPT", destinationPorts: "80,443" })).toBe(
        false,
    );
    expect(isValid({ direction: "INGRESS", protocol: "ICMPV6", action: "ACCEPT" })).toBe(false);
    let checked = 0;
    fc.assert(
        fc.property(policies, (policy) => {
            if (refusal("", policy).includes("it takes more than the 500")) return;
            for (const rule of rulesOf(render(policy))) {
                checked++;
                expect([rule, isValid(rule), isValid.errors]).toEqual([rule, true, null]);
                expect(listProblem(rule)).toBeUndefined();
            }
        }),
        { numRuns: 300 },
    );
    expect(checked).toBeGreaterThan(1000);
    const lists = { sources: ["10.0.0.1", "a00::1"], destinations: ["10.0.0.1"] };
    expect(listProblem({ direction: "INGRESS", protocol: "TCP", action: "DROP", ...lists })).toBeDefined();
});

/** How two lists face each other against what the API document says. */
function listProblem({ sources, destinations }: FirewallRule): string | undefined {
    const lists = [sources ?? [], destinations ?? []] as const;
    const families = (list: readonly string[]) =>
        new Set(
            list.map((text) => {
                const parsed = parseAddressRange(text);
                if ("problem" in parsed) throw new Error(parsed.problem.message);
                return parsed.range.family;
            }),
        ).size;
    for (const [one, other] of [lists, [lists[1], lists[0]] as const]) {
        if (one.length > 1 && other.length > 1) return "two lists of several";
        if (families(one) > 1 && other.length > 0) return "both families face somebody";
    }
    return undefined;
}
