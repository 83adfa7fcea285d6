import fc from "fast-check";
import type { Packet } from "../../../../core/analysis/decide";
import { openDiagrams } from "../../../../core/analysis/diagram";
import { lastOf, LEVEL, STATES, wordAt } from "../../../../core/analysis/packetFields";
import { VERDICT } from "../../../../core/analysis/verdicts";
import { formatPacket } from "../../../../core/analysis/witness";
import { decidePacket, implicitRules, openDecider } from "../../../../core/dialects/netcup/decidePacket";
import { implicitRule, interpret } from "../../../../core/dialects/netcup/interpret/interpret";
import { type AttachedPolicy, type FirewallRule, READINGS } from "../../../../core/dialects/netcup/rule";
import { parseAddressRange } from "../../../../core/model/parseAddress";
import { randomFrom } from "../../../kernel/random";
import { compiled } from "../../analysis/evaluate";
import { attached, onPanel } from "./panel";
import { attachedPolicies, boundariesOf, packetAt } from "./random";

/** What the random rules name. */
const RANGES = [
    "10.0.0.0/30",
    "10.0.0.2",
    "192.0.2.0/24",
    "192.0.2.7",
    "a00::/126",
    "a00::3",
    "::/1",
    "2001:db8::/32",
].map((text) => {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
});
const EDGES = boundariesOf(RANGES, [
    { first: 3, last: 5 },
    { first: 4, last: 9 },
    { first: 65534, last: 65535 },
]);

function valuesOf(packet: Packet): (level: number) => number {
    const { direction, family, protocol, source, destination, state = "new" } = packet;
    const [own, far] = direction === "ingress" ? [destination, source] : [source, destination];
    return (level) => {
        if (level === LEVEL.protocol) return protocol;
        if (level === LEVEL.state) return STATES.indexOf(state);
        if (level === LEVEL.family) return family === 4 ? 0 : 1;
        if (level === LEVEL.sourcePort) return packet.sourcePort ?? 0;
        if (level === LEVEL.destinationPort) return packet.destinationPort ?? 0;
        if (level >= LEVEL.far) return wordAt(far, family, level - LEVEL.far);
        if (level >= LEVEL.own) return wordAt(own, family, level - LEVEL.own);
        throw new Error(`rules of a panel ask no level ${level}`);
    };
}

test("both readers of stored policies decide alike: 120,000 packets at the edges of rules, in every reading", () => {
    const verdicts = { accept: 0, drop: 0 };
    fc.assert(
        fc.property(attachedPolicies, fc.nat(), (policies, seed) => {
            const { below } = randomFrom(seed);
            const diagrams = openDiagrams(lastOf);
            for (const reading of READINGS) {
                const one = openDecider(policies, reading);
                const { INGRESS, EGRESS } = implicitRules(policies, reading);
                expect([INGRESS, EGRESS]).toEqual(
                    (["ingress", "egress"] as const).map((direction) => implicitRule(policies, direction, reading)),
                );
                const all = (["ingress", "egress"] as const).map((direction) =>
                    compiled(diagrams, interpret(diagrams, policies, direction, reading)),
                );
                for (let i = 0; i < 50; i++) {
                    const packet = packetAt(EDGES, below);
                    const { verdict } = one(packet);
                    verdicts[verdict]++;
                    const other = all[packet.direction === "ingress" ? 0 : 1]!(valuesOf(packet));
                    if (other !== VERDICT[verdict])
                        throw new Error(`${formatPacket(packet)}: ${verdict}, but ${other}`);
                }
            }
        }),
        { numRuns: 300 },
    );
    expect(verdicts.accept + verdicts.drop).toBe(120_000);
    expect(Math.min(verdicts.accept, verdicts.drop)).toBeGreaterThan(20_000);
});

const tcp = (more: Partial<FirewallRule>): FirewallRule => ({
    direction: "INGRESS",
    protocol: "TCP",
    action: "ACCEPT",
    ...more,
});

test("a packet is told which policy and which rule of it decides", () => {
    const policies: AttachedPolicy[] = [
        attached([tcp({ destinationPorts: "22" }), tcp({ action: "DROP", destinationPorts: "80" })], "base"),
        attached([tcp({ destinationPorts: "80-443" })]),
    ];
    const at = (destinationPort: number, state: "new" | "established" = "new") =>
        decidePacket(
            policies,
            {
                direction: "ingress",
                family: 4,
                protocol: 6,
                source: 1n,
                destination: 2n,
                sourcePort: 9,
                destinationPort,
                state,
            },
            READINGS[0]!,
        );
    expect(at(22)).toEqual({ verdict: "accept", by: "base 1" });
    expect(at(80)).toEqual({ verdict: "drop", by: "base 2" });
    expect(at(81)).toEqual({ verdict: "accept", by: "web 1" });
    expect(at(444)).toEqual({ verdict: "drop", by: "implicit rule" });
    expect(at(444, "established")).toEqual({ verdict: "accept", by: "connection tracking" });
    expect(decidePacket([], { ...packetAt(EDGES, () => 0) }, READINGS[0]!)).toEqual({
        verdict: "accept",
        by: "implicit rule",
    });
});

test("NC-31: source ports limit where packets come from", () => {
    const rule = [attached([tcp({ protocol: "UDP", sourcePorts: "123" })])];
    expect(onPanel(rule, "in udp X sp 123 > 40000")).toBe("accept");
    expect(onPanel(rule, "in udp X sp 124 > 40000")).toBe("drop");
});

test("whether TCP replies to clients leave by themselves is open, and only that", () => {
    const policies = [
        attached([tcp({ destinationPorts: "22" }), tcp({ direction: "EGRESS", destinationPorts: "443" })]),
    ];
    expect(onPanel(policies, "out tcp sp 22 > X:40000", "established")).toBe("depends on the reading");
    expect(onPanel(policies, "in tcp X sp 443 > 40000", "established")).toBe("accept");
    expect(onPanel(policies, "in udp X sp 53 > 40000", "established")).toBe("drop");
});

test("what a panel can't hold is refused, not guessed", () => {
    const read = (rule: Partial<Record<keyof FirewallRule, unknown>>) =>
        interpret(openDiagrams(lastOf), [attached([{ ...tcp({}), ...rule } as FirewallRule])], "ingress", READINGS[0]!);
    const words: readonly (readonly [Partial<Record<keyof FirewallRule, unknown>>, string])[] = [
        [{ protocol: "ICMPV6" }, 'no protocol "ICMPV6"'],
        [{ protocol: "toString" }, 'no protocol "toString"'],
        [{ action: "REJECT" }, 'no action "REJECT"'],
        [{ direction: "BOTH" }, 'no direction "BOTH"'],
        [{ destinationPorts: "80,443" }, '"80,443" is no port and no range'],
        [{ sourcePorts: "9-3" }, '"9-3" is no port and no range'],
        [{ sourcePorts: "65536" }, '"65536" is no port and no range'],
        [{ protocol: "ICMP", sourcePorts: "7" }, "ICMP has no ports"],
        [{ sources: ["example.org"] }, '"example.org" is no address'],
        [{ sources: ["10.0.0.1-10.0.0.9"] }, '"10.0.0.1-10.0.0.9" is no address'],
        [{ destinations: ["10.0.0.0/33"] }, '"10.0.0.0/33" is no network'],
    ];
    for (const [rule, message] of words) expect(() => read(rule)).toThrow(message);
});
