import { type Family, mergeRanges } from "../model/addresses";
import { icmpTypeNumber } from "../model/icmpTypes";
import type { NamedSet, Policy } from "../model/policy";
import type { Addresses, Direction, PortList, Protocol, ProtocolMatch, Rule } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import { and, type Diagram, type Diagrams, orElse } from "./diagram";
import {
    byFamily,
    type ConditionLevels,
    forAddresses,
    forPorts,
    forValues,
    LEVEL,
    openConditions,
} from "./packetFields";

/** The parts of a packet that may have a value which is not known yet. */
export type UnknownPart = "far" | "own" | "source port" | "destination port";

/** The values that are not known yet of one rule, as levels of the diagram. */
export type Unknowns = ReadonlyMap<UnknownPart, readonly number[]>;

/** What a policy does with new packets of one direction, outside the base of its dialect. */
export interface Decision {
    readonly diagram: Diagram;
    /** Of each rule that has any. */
    readonly unknowns: readonly Unknowns[];
}

/**
 * The first rule that matches decides, else the default action: a diagram whose terminals are what `verdictOf` gives (a
 * number above 0) for the index of a rule in `policy.rules`, or for undefined: the default action.
 */
export function decisionDiagram(
    diagrams: Diagrams,
    policy: Policy,
    direction: Direction,
    verdictOf: (rule: number | undefined) => number,
): Decision {
    const levelOf = openConditions();
    const unknowns: Unknowns[] = [];
    const rules = policy.rules.flatMap(({ rule, key }, index) => {
        if (rule.direction !== direction) return [];
        const open = unknownsOf(rule, key, policy.sets, levelOf);
        if (open.size > 0) unknowns.push(open);
        return [ruleDiagram(diagrams, rule, policy.sets, open, verdictOf(index))];
    });
    const diagram = diagrams.combine(orElse, firstOf(diagrams, rules), verdictOf(undefined));
    return { diagram, unknowns };
}

/** In halves, so that no large diagram is gone through once for each rule. */
function firstOf(diagrams: Diagrams, list: readonly Diagram[]): Diagram {
    if (list.length < 2) return list[0] ?? 0;
    const middle = list.length >> 1;
    return diagrams.combine(orElse, firstOf(diagrams, list.slice(0, middle)), firstOf(diagrams, list.slice(middle)));
}

function unknownsOf(rule: Rule, key: string, sets: readonly NamedSet[], levelOf: ConditionLevels): Unknowns {
    const { own, far } = endsOf(rule);
    const inAddresses = (addresses: Addresses) => {
        if (addresses.kind === "anywhere") return [];
        const named = addresses.sets.filter(({ name }) => sets.some((set) => set.name === name && set.unknown));
        return [...named.map(({ name }) => `set ${name}`), ...(addresses.unknown ? [key] : [])];
    };
    const inPorts = (ports: PortList | undefined) => (ports?.unknown ? [key] : []);
    const parts: [UnknownPart, string[]][] = [
        ["far", inAddresses(far)],
        ["own", inAddresses(own)],
        ["source port", inPorts(rule.from.ports)],
        ["destination port", inPorts(rule.to.ports)],
    ];
    return new Map(
        parts
            .filter(([, values]) => values.length > 0)
            .map(([part, values]) => [part, values.map((value) => levelOf(`${part} ${value}`))]),
    );
}

/** The addresses of a rule, seen from the server. */
function endsOf({ direction, from, to }: Rule): { own: Addresses; far: Addresses } {
    return direction === "ingress"
        ? { own: to.addresses, far: from.addresses }
        : { own: from.addresses, far: to.addresses };
}

/** `verdict` where the rule matches, else 0. Built from the bottom: what has a value that is not known yet comes last. */
function ruleDiagram(
    diagrams: Diagrams,
    rule: Rule,
    sets: readonly NamedSet[],
    open: Unknowns,
    verdict: number,
): Diagram {
    const { own, far } = endsOf(rule);
    const known = (part: UnknownPart, kid: Diagram, narrow: () => Diagram) => (open.has(part) ? kid : narrow());
    const ofFamily = (family: Family): Diagram => {
        const ports = known("source port", verdict, () => sourcePorts(diagrams, rule.from.ports, verdict));
        const peers = known("far", ports, () => addresses(diagrams, LEVEL.far, family, far, sets, ports));
        return known("own", peers, () => addresses(diagrams, LEVEL.own, family, own, sets, peers));
    };
    const families = [ofFamily(4), ofFamily(6)] as const;
    const ports = known("destination port", byFamily(diagrams, families), () =>
        destinationPorts(diagrams, rule.to.ports, byFamily(diagrams, families)),
    );
    let diagram = byProtocol(diagrams, rule.matches, (protocol) => {
        if (protocol === "icmp") return byFamily(diagrams, [families[0], 0]);
        return protocol === "icmpv6" ? byFamily(diagrams, [0, families[1]]) : ports;
    });
    for (const [part, levels] of open) {
        const values = levels.map((level) => diagrams.node(level, [0, 1], [0, 1]));
        const matching = [knownValues(diagrams, rule, part, sets), ...values].reduce((a, b) =>
            diagrams.combine(orElse, a, b),
        );
        diagram = diagrams.combine(and, diagram, matching);
    }
    return diagram;
}

/** 1 where a part of a rule matches by what is known of it. */
function knownValues(diagrams: Diagrams, rule: Rule, part: UnknownPart, sets: readonly NamedSet[]): Diagram {
    if (part === "source port") return sourcePorts(diagrams, rule.from.ports, 1);
    if (part === "destination port") return destinationPorts(diagrams, rule.to.ports, 1);
    const said = endsOf(rule)[part];
    const ofFamily = (family: Family) => addresses(diagrams, LEVEL[part], family, said, sets, 1);
    return byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
}

function sourcePorts(diagrams: Diagrams, ports: PortList | undefined, kid: Diagram): Diagram {
    return ports ? forPorts(diagrams, LEVEL.sourcePort, ports.ranges, kid) : kid;
}

function destinationPorts(diagrams: Diagrams, ports: PortList | undefined, kid: Diagram): Diagram {
    return ports ? forPorts(diagrams, LEVEL.destinationPort, ports.ranges, kid) : kid;
}

function addresses(
    diagrams: Diagrams,
    level: number,
    family: Family,
    said: Addresses,
    sets: readonly NamedSet[],
    kid: Diagram,
): Diagram {
    if (kid === 0) return 0;
    if (said.kind === "anywhere") return said.family === undefined || said.family === family ? kid : 0;
    return forAddresses(diagrams, level, family, mergeRanges(addressesOf(said, sets).ranges), kid);
}

/** Numbers of the protocols that have a name (IANA "Protocol Numbers"). */
export const PROTOCOL_NUMBERS = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

function byProtocol(
    diagrams: Diagrams,
    matches: readonly ProtocolMatch[],
    kidOf: (protocol: Protocol) => Diagram,
): Diagram {
    if (matches.some(({ protocol }) => protocol === "any")) return kidOf("any");
    return matches
        .map(({ protocol, types }) => {
            const number = typeof protocol === "number" ? protocol : PROTOCOL_NUMBERS[protocol as "tcp"];
            return forValues(diagrams, LEVEL.protocol, [number], withTypes(diagrams, protocol, types, kidOf(protocol)));
        })
        .reduce((a, b) => diagrams.combine(orElse, a, b));
}

function withTypes(
    diagrams: Diagrams,
    protocol: Protocol,
    types: readonly string[] | undefined,
    kid: Diagram,
): Diagram {
    if (!types || (protocol !== "icmp" && protocol !== "icmpv6")) return kid;
    const numbers = types.map((type) => icmpTypeNumber(protocol, type) ?? NaN).sort((a, b) => a - b);
    return forValues(diagrams, LEVEL.detail, numbers, kid);
}
