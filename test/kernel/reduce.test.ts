import { formatRule } from "../../core/model/formatRule";
import { policy } from "../core/dialects/nftables/build";
import type { Probe } from "./packet";
import { reduce } from "./reduce";

const whole = policy(
    {
        "t/a": "drop any from 10.0.0.0/8",
        "t/b": "accept tcp + udp from 192.0.2.1, set s, set other to ::1 port 22, 80-90 priority 3",
        "t/c": "reject icmp 8, 13 + icmpv6 from anywhere IPv4",
    },
    { s: ["10.0.0.1", "10.0.0.9"], other: ["10.0.0.1"] },
);

const probe: Probe = {
    direction: "ingress",
    family: 4,
    protocol: 6,
    source: 0x0a000001n,
    destination: 0x0a000002n,
    sourcePort: 7,
    destinationPort: 80,
    hopLimit: 255,
};

test("what takes no part goes, from rules to fields of the packet", () => {
    const smallest = reduce({ policy: whole, probe }, ({ policy, probe }) => {
        const names = policy.rules.find(({ key }) => key === "t/b")?.rule.from.addresses;
        const named = names?.kind === "list" && names.sets.some(({ name }) => name === "s");
        return named && policy.sets[0]?.ranges.length !== 0 && probe.source === 0x0a000001n;
    });
    expect(smallest.policy.rules.map(({ rule }) => formatRule(rule))).toEqual([
        expect.stringMatching(/^accept (tcp|udp) from set s$/),
    ]);
    expect(smallest.policy.sets).toEqual([{ name: "s", ranges: [expect.anything()] }]);
    expect(smallest.probe).toEqual({ ...probe, destination: 0xc000020an, sourcePort: 1024, hopLimit: 64 });
});

test("a list of ICMP types keeps the one that matters", () => {
    const { rules } = reduce({ policy: whole, probe }, ({ policy }) =>
        policy.rules.some(({ rule }) => rule.matches.some(({ types }) => types?.includes("echo-request"))),
    ).policy;
    expect(rules.map(({ rule }) => formatRule(rule))).toEqual(["reject icmp echo-request from anywhere"]);
});

test("what needs everything stays as it is", () => {
    const found = { policy: whole, probe };
    expect(reduce(found, () => false)).toBe(found);
});
