import fc from "fast-check";
import { decide, type Packet } from "../../../core/analysis/decide";
import { and, type Diagram, type Diagrams, openDiagrams } from "../../../core/analysis/diagram";
import { openInterfaces } from "../../../core/analysis/interfaces";
import { forAddresses, forPorts, forValues, lastOf, LEVEL, STATES } from "../../../core/analysis/packetFields";
import { decisionDiagram } from "../../../core/analysis/policyDiagram";
import { formatPacket, witness } from "../../../core/analysis/witness";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { Direction } from "../../../core/model/rule";
import { policies } from "../dialects/nftables/policies";

const interfaces = openInterfaces(["eth0", "wg*"]);

function ranges(text: string) {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return [parsed.range];
}

type Make = (diagrams: Diagrams) => Diagram;
const all =
    (...makes: readonly Make[]): Make =>
    (diagrams) =>
        makes.map((make) => make(diagrams)).reduce((a, b) => diagrams.combine(and, a, b), 1);
const value =
    (level: number, ...values: number[]): Make =>
    (diagrams) =>
        forValues(diagrams, level, values, 1);
const ports =
    (level: number, first: number, last: number): Make =>
    (diagrams) =>
        forPorts(diagrams, level, [{ first, last }], 1);
const far =
    (text: string): Make =>
    (diagrams) => {
        const [range] = ranges(text);
        const inside = forAddresses(diagrams, LEVEL.far, range!.family, [range!], 1);
        return diagrams.node(LEVEL.family, [0, 1], range!.family === 4 ? [inside, 0] : [0, inside]);
    };

const said = (make: Make, direction: Direction = "ingress") => {
    const diagrams = openDiagrams(lastOf);
    return formatPacket(witness(diagrams, make(diagrams), direction, interfaces));
};

test.each<[Make, string]>([
    [() => 1, "in tcp 203.0.113.9 -> 192.0.2.10 port 22"],
    [ports(LEVEL.destinationPort, 1000, 2000), "in tcp 203.0.113.9 -> 192.0.2.10 port 1000"],
    [ports(LEVEL.destinationPort, 80, 500), "in tcp 203.0.113.9 -> 192.0.2.10 port 443"],
    [ports(LEVEL.destinationPort, 1, 1), "in tcp 203.0.113.9 -> 192.0.2.10 port 1"],
    [ports(LEVEL.sourcePort, 53, 60), "in tcp 203.0.113.9 port 53 -> 192.0.2.10 port 22"],
    [value(LEVEL.protocol, 17), "in udp 203.0.113.9 -> 192.0.2.10 port 22"],
    [value(LEVEL.protocol, 1, 47), "in icmp echo-request 203.0.113.9 -> 192.0.2.10"],
    [value(LEVEL.protocol, 47), "in protocol 47 203.0.113.9 -> 192.0.2.10"],
    [
        all(value(LEVEL.protocol, 1), value(LEVEL.detail, 3), value(LEVEL.icmpCode, 4)),
        "in icmp destination-unreachable code 4 203.0.113.9 -> 192.0.2.10",
    ],
    [
        all(value(LEVEL.protocol, 58), value(LEVEL.family, 1)),
        "in icmpv6 echo-request 2001:db8:bad::9 -> 2001:db8:5::10",
    ],
    [value(LEVEL.protocol, 58), "in protocol 58 203.0.113.9 -> 192.0.2.10"],
    [far("198.51.100.0/24"), "in tcp 198.51.100.9 -> 192.0.2.10 port 22"],
    [far("10.0.0.0/8"), "in tcp 10.0.0.0 -> 192.0.2.10 port 22"],
    [far("2001:db8:77::/48"), "in tcp 2001:db8:77:: -> 2001:db8:5::10 port 22"],
    [value(LEVEL.state, STATES.indexOf("invalid")), "in tcp state invalid 203.0.113.9 -> 192.0.2.10 port 22"],
    [
        all(value(LEVEL.protocol, 6), value(LEVEL.detail, 41)),
        "in tcp flags fin,psh,urg 203.0.113.9 -> 192.0.2.10 port 22",
    ],
    [all(value(LEVEL.protocol, 6), value(LEVEL.detail, 0)), "in tcp flags none 203.0.113.9 -> 192.0.2.10 port 22"],
    [value(LEVEL.interface, interfaces.names.indexOf("wg*")), "in tcp on wg* 203.0.113.9 -> 192.0.2.10 port 22"],
])("%#: %p is %s", (make, packet) => {
    expect(said(make)).toBe(packet);
});

test("what leaves goes the other way", () => {
    expect(said(ports(LEVEL.destinationPort, 53, 53), "egress")).toBe("out tcp 192.0.2.10 -> 203.0.113.9 port 53");
});

test("nothing has no witness", () => {
    expect(() => said(() => 0)).toThrow("an empty set has no witness");
});

test("a witness is in the set, whatever the set", () => {
    fc.assert(
        fc.property(policies, fc.constantFrom<Direction>("ingress", "egress"), (policy, direction) => {
            const diagrams = openDiagrams(lastOf);
            const { diagram } = decisionDiagram(diagrams, policy, direction, (rule) => (rule ?? -1) + 2);
            // Of each rule that decides anything, and of the default action.
            for (const index of [-1, ...policy.rules.keys()]) {
                const own = diagrams.map(diagram, (verdict) => (verdict === index + 2 ? 1 : 0));
                if (own === 0) continue;
                const packet: Packet = witness(diagrams, own, direction, interfaces);
                expect(decide(policy, packet).by).toBe(index < 0 ? "default action" : policy.rules[index]!.key);
            }
        }),
        { numRuns: 200 },
    );
});
