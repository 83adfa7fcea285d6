import fc from "fast-check";
import { decide, type Packet } from "../../../core/analysis/decide";
import { openDiagrams } from "../../../core/analysis/diagram";
import { type Interfaces, interfacesOf } from "../../../core/analysis/interfaces";
import { lastOf, LEVEL, STATES, wordsOf } from "../../../core/analysis/packetFields";
import { decisionDiagram } from "../../../core/analysis/policyDiagram";
import { openRuleSets } from "../../../core/analysis/ruleSets";
import { defaultVerdict, verdictOf } from "../../../core/analysis/verdicts";
import type { AddressRange, Family } from "../../../core/model/addresses";
import { icmpMessage, type IcmpMessage } from "../../../core/model/icmpTypes";
import type { Policy } from "../../../core/model/policy";
import type { Direction, Rule } from "../../../core/model/rule";
import { policies } from "../arbitraries";
import { evaluate } from "./evaluate";

/** The value of each level for one packet. */
function valuesOf(packet: Packet, interfaces: Interfaces): Map<number, number> {
    const { direction, family } = packet;
    const [far, own] =
        direction === "ingress" ? [packet.source, packet.destination] : [packet.destination, packet.source];
    const words = (level: number, address: bigint): [number, number][] =>
        Array.from({ length: wordsOf(family) }, (_, i) => [
            level + i,
            Number(BigInt.asUintN(32, address >> BigInt(32 * (wordsOf(family) - 1 - i)))),
        ]);
    return new Map([
        [LEVEL.protocol, packet.protocol],
        [LEVEL.detail, packet.icmpType ?? packet.tcpFlags ?? 0],
        [LEVEL.icmpCode, packet.icmpCode ?? 0],
        [LEVEL.state, STATES.indexOf(packet.state ?? "new")],
        [LEVEL.interface, interfaces.names.indexOf(packet.interface ?? "")],
        [LEVEL.destinationPort, packet.destinationPort ?? 0],
        [LEVEL.family, family === 4 ? 0 : 1],
        ...words(LEVEL.own, own),
        ...words(LEVEL.far, far),
        [LEVEL.sourcePort, packet.sourcePort ?? 0],
    ]);
}

/** Packets at the edges of what the rules of a policy say, both families. */
function packetsAt(policy: Policy, direction: Direction, pick: (count: number) => number): Packet {
    const one = <T>(items: readonly T[]): T => items[pick(items.length)]!;
    const rules = policy.rules.map(({ rule }) => rule);
    const family = one<Family>([4, 6]);
    const edges = (end: (rule: Rule) => Rule["from"]): bigint[] => {
        const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
        const ranges: AddressRange[] = [
            ...policy.sets.flatMap((set) => set.ranges),
            ...rules.flatMap((rule) => {
                const { addresses } = end(rule);
                return addresses.kind === "list" ? addresses.ranges : [];
            }),
        ];
        const near = ranges
            .filter((range) => range.family === family)
            .flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        return [0n, top, ...near.filter((address) => address >= 0n && address <= top)];
    };
    const ports = (end: (rule: Rule) => Rule["from"]): number[] => [
        1,
        65535,
        ...rules
            .flatMap((rule) => end(rule).ports?.ranges ?? [])
            .flatMap(({ first, last }) => [first - 1, first, last, last + 1])
            .filter((port) => port >= 1 && port <= 65535),
    ];
    const protocol = one([6, 17, family === 4 ? 1 : 58, 0, 2, 47, 255]);
    const types = rules.flatMap(({ matches }) =>
        matches.flatMap(({ protocol: name, types: said = [] }) =>
            name === "icmp" || name === "icmpv6" ? said.map((type) => icmpMessage(name, type)!) : [],
        ),
    );
    const { type, code = 0 } = one([...[0, 8, 255].map((type): IcmpMessage => ({ type })), ...types]);
    const names = rules.flatMap(({ interfaces = [] }) => interfaces);
    return {
        direction,
        family,
        protocol,
        source: one(edges(({ from }) => from)),
        destination: one(edges(({ to }) => to)),
        ...((protocol === 6 || protocol === 17) && {
            ...(protocol === 6 && { tcpFlags: one([0x02, 0, 0x29, 0x10, 0x42, 0x12, 0xff]) }),
            sourcePort: one(ports(({ from }) => from)),
            destinationPort: one(ports(({ to }) => to)),
        }),
        ...((protocol === 1 || protocol === 58) && { icmpType: type, icmpCode: one([code, 0, 255]) }),
        state: one(["new", "new", "related", "invalid", "untracked"] as const),
        ...(names.length > 0 && one([true, false]) && { interface: one(names) }),
    };
}

/** Nothing is left to be known. */
function allKnown({ policy }: { readonly policy: Policy }): Policy {
    const known = <End extends Rule["from"]>(end: End): End => ({
        ...end,
        ...(end.ports && { ports: { ...end.ports, unknown: false } }),
        addresses: {
            ...(end.addresses.kind === "list" ? { ...end.addresses, unknown: false } : end.addresses),
            ...(end.addresses.except && { except: { ...end.addresses.except, unknown: false } }),
        },
    });
    return {
        ...policy,
        rules: policy.rules.map(({ key, rule }) => ({
            key,
            rule: { ...rule, from: known(rule.from), to: known(rule.to) },
        })),
    };
}

test("the diagram of a policy names the very rule that decides a packet, asked one by one", () => {
    fc.assert(
        fc.property(
            policies.map(allKnown),
            fc.constantFrom<Direction>("ingress", "egress"),
            fc.infiniteStream(fc.nat()),
            (policy, direction, numbers) => {
                const diagrams = openDiagrams(lastOf);
                const interfaces = interfacesOf(policy);
                const { diagram } = decisionDiagram(diagrams, policy, direction, (rule) => (rule ?? -1) + 2);
                const pick = (count: number) => (numbers.next().value as number) % count;
                for (let i = 0; i < 50; i++) {
                    const limits = pick(2) === 0 ? {} : ({ beyondLimits: true } as const);
                    const packet = { ...packetsAt(policy, direction, pick), ...limits };
                    const values = valuesOf(packet, interfaces);
                    // All limits have room, or none has.
                    const room = packet.beyondLimits ? 0 : 1;
                    const found = evaluate(diagrams, diagram, (level) => values.get(level) ?? room) - 2;
                    expect(found < 0 ? "default action" : policy.rules[found]!.key).toBe(decide(policy, packet).by);
                }
            },
        ),
        { numRuns: 200 },
    );
});

test("the sets that all questions share decide as the rules put together one after the other", () => {
    fc.assert(
        fc.property(policies, fc.constantFrom<Direction>("ingress", "egress"), ({ policy }, direction) => {
            const diagrams = openDiagrams(lastOf);
            const { interfaces, levelOf, decision } = openRuleSets(diagrams, policy, direction);
            const verdict = (index: number | undefined) =>
                index === undefined ? defaultVerdict(policy, direction) : verdictOf(policy.rules[index]!.rule);
            const shared = { interfaces, conditions: levelOf };
            expect(decision()).toEqual(decisionDiagram(diagrams, policy, direction, verdict, shared));
        }),
        { numRuns: 200 },
    );
});
