import fc from "fast-check";
import { decide } from "../../../core/analysis/decide";
import { openDiagrams } from "../../../core/analysis/diagram";
import { forValues, lastOf, LEVEL } from "../../../core/analysis/packetFields";
import { openInterfaces } from "../../../core/analysis/interfaces";
import { decisionDiagram } from "../../../core/analysis/policyDiagram";
import { formatExample, formatPacket, witness } from "../../../core/analysis/witness";
import type { Policy } from "../../../core/model/policy";
import type { Direction } from "../../../core/model/rule";
import { policyFrom } from "./exposureOf";
import { smallPolicy } from "./packets";

/** The most ordinary packet with one verdict. */
function witnessOf(policy: Policy, direction: Direction, verdict: string) {
    const diagrams = openDiagrams(lastOf);
    const { diagram } = decisionDiagram(diagrams, policy, direction, (index) =>
        (index === undefined ? policy.defaults[direction] : policy.rules[index]!.rule.action) === verdict ? 1 : 2,
    );
    return witness(
        diagrams,
        diagrams.map(diagram, (terminal) => (terminal === 1 ? 1 : 0)),
        direction,
    );
}

const words = (line: string) => {
    const policy = policyFrom({ r: line }, { defaults: { egress: "drop" } });
    return formatPacket(witnessOf(policy, policy.rules[0]!.rule.direction, "accept")!);
};

test.each([
    ["accept any from anywhere", "in tcp 203.0.113.9 -> 192.0.2.10 port 22"],
    ["accept tcp + udp from anywhere to port 53, 8080", "in tcp 203.0.113.9 -> 192.0.2.10 port 53"],
    ["accept udp from anywhere to port 100-130", "in udp 203.0.113.9 -> 192.0.2.10 port 123"],
    ["accept tcp from anywhere to port 61000-61010", "in tcp 203.0.113.9 -> 192.0.2.10 port 61000"],
    ["accept tcp from anywhere port 53 to port 1-65535", "in tcp 203.0.113.9 from port 53 -> 192.0.2.10 port 22"],
    ["accept tcp from 198.51.100.0/24 to port 22", "in tcp 198.51.100.9 -> 192.0.2.10 port 22"],
    ["accept tcp from 10.0.0.0/8 to 10.1.0.7 port 22", "in tcp 10.0.0.0 -> 10.1.0.7 port 22"],
    ["accept tcp from anywhere IPv6 to port 22", "in tcp 2001:db8:bad::9 -> 2001:db8:5::10 port 22"],
    ["accept tcp from 2001:db8:77::/48 to port 22", "in tcp 2001:db8:77:: -> 2001:db8:5::10 port 22"],
    ["accept icmp + icmpv6 from anywhere", "in icmp echo-request 203.0.113.9 -> 192.0.2.10"],
    ["accept icmpv6 from anywhere", "in icmpv6 echo-request 2001:db8:bad::9 -> 2001:db8:5::10"],
    ["accept icmp time-exceeded from anywhere", "in icmp time-exceeded 203.0.113.9 -> 192.0.2.10"],
    ["accept protocol 47 from anywhere", "in protocol 47 203.0.113.9 -> 192.0.2.10"],
    ["egress accept tcp to anywhere port 25", "out tcp 192.0.2.10 -> 203.0.113.9 port 25"],
])("%s: %s", (line, packet) => expect(words(line)).toBe(packet));

test("what a reader of one server's rules need not be told is left out of an example", () => {
    const of = (line: string) => {
        const policy = policyFrom({ r: line }, { defaults: { egress: "drop" } });
        return formatExample(witnessOf(policy, policy.rules[0]!.rule.direction, "accept")!);
    };
    expect(of("accept tcp from anywhere to port 22")).toBe("tcp 203.0.113.9 -> port 22");
    expect(of("accept icmp from anywhere")).toBe("icmp echo-request 203.0.113.9 -> this server");
    expect(of("accept tcp from anywhere to 10.1.0.7 port 22")).toBe("tcp 203.0.113.9 -> 10.1.0.7 port 22");
    expect(of("egress accept tcp to anywhere port 25")).toBe("out tcp -> 203.0.113.9 port 25");
});

test("a new connection where there is one, of any protocol; else it says what it is", () => {
    const diagrams = openDiagrams(lastOf);
    const interfaces = openInterfaces(["eth0"]);
    const state = (protocol: number, value: number, kid = 1) =>
        forValues(diagrams, LEVEL.protocol, [protocol], forValues(diagrams, LEVEL.state, [value], kid));
    const either = diagrams.combine((a, b) => (a === 0 ? b : b === 0 ? a : undefined), state(6, 3), state(17, 0));
    expect(formatPacket(witness(diagrams, either, "ingress")!)).toMatch(/^in udp /);
    const invalid = state(6, 3, forValues(diagrams, LEVEL.interface, [2], 1));
    expect(formatPacket(witness(diagrams, invalid, "ingress", interfaces)!)).toBe(
        "in tcp 203.0.113.9 -> 192.0.2.10 port 22 in eth0 state invalid",
    );
    const scan = forValues(diagrams, LEVEL.protocol, [6], forValues(diagrams, LEVEL.detail, [41], 1));
    expect(formatPacket(witness(diagrams, scan, "ingress")!)).toBe(
        "in tcp flags fin+psh+urg 203.0.113.9 -> 192.0.2.10 port 22",
    );
    expect(witness(diagrams, 0, "ingress")).toBeUndefined();
});

test("a witness is in the set, and there is one for every set that is not empty", () => {
    let none = 0;
    const verdicts = fc.constantFrom("accept", "drop", "reject");
    const directions = fc.constantFrom<Direction>("ingress", "egress");
    fc.assert(
        fc.property(smallPolicy({ narrowing: true }), directions, verdicts, (policy, direction, verdict) => {
            const packet = witnessOf(policy, direction, verdict);
            if (packet === undefined) none++;
            else expect(decide(policy, packet).verdict).toBe(verdict);
        }),
        { numRuns: 500 },
    );
    expect(none).toBeLessThan(400);
});
