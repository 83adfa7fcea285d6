import { mergeRanges } from "../../core/model/addresses";
import { formatRule } from "../../core/model/formatRule";
import { parseAddressRange } from "../../core/model/parseAddress";
import { parseRule } from "../../core/model/parseRule";
import type { Policy } from "../../core/model/policy";
import type { Probe } from "./packet";
import { reduce } from "./reduce";

function range(text: string) {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

function rule(line: string) {
    const parsed = parseRule(line);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.rule;
}

const policy: Policy = {
    rules: [
        { key: "t/a", rule: rule("drop any from 10.0.0.0/8") },
        {
            key: "t/b",
            rule: rule("accept tcp + udp from 192.0.2.1, set s, set other to ::1 port 22, 80-90 priority 3"),
        },
        { key: "t/c", rule: rule("reject icmp 8, 13 + icmpv6 from anywhere IPv4") },
    ],
    sets: ["s", "other"].map((name) => ({ name, ranges: mergeRanges([range("10.0.0.1"), range("10.0.0.9")]) })),
    defaults: { ingress: "drop", egress: "accept" },
};

const probe: Probe = {
    direction: "ingress",
    family: 4,
    protocol: 6,
    source: range("10.0.0.1").first,
    destination: range("10.0.0.2").first,
    sourcePort: 7,
    destinationPort: 80,
    hopLimit: 255,
};

test("what takes no part goes, from rules to fields of the packet", () => {
    const smallest = reduce({ policy, probe }, ({ policy, probe }) => {
        const names = policy.rules.find(({ key }) => key === "t/b")?.rule.from.addresses;
        const named = names?.kind === "list" && names.sets.some(({ name }) => name === "s");
        return named && policy.sets[0]?.ranges.length !== 0 && probe.source === 0x0a000001n;
    });
    expect(smallest.policy.rules.map(({ rule }) => formatRule(rule))).toEqual([
        expect.stringMatching(/^accept (tcp|udp) from set s$/),
    ]);
    expect(smallest.policy.sets).toEqual([{ name: "s", ranges: [expect.anything()] }]);
    const destination = range("192.0.2.10").first;
    expect(smallest.probe).toEqual({ ...probe, destination, sourcePort: 1024, hopLimit: 64 });
});

test("a list of ICMP types keeps the one that matters", () => {
    const { rules } = reduce({ policy, probe }, ({ policy }) =>
        policy.rules.some(({ rule }) => rule.matches.some(({ types }) => types?.includes("echo-request"))),
    ).policy;
    expect(rules.map(({ rule }) => formatRule(rule))).toEqual(["reject icmp echo-request from anywhere"]);
});

test("what needs everything stays as it is", () => {
    const whole = { policy, probe };
    expect(reduce(whole, () => false)).toBe(whole);
});
