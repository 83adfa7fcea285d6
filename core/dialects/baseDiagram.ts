import type { Diagram, Diagrams } from "../analysis/diagram";
import type { Interfaces } from "../analysis/interfaces";
import { type ConditionLevels, LEVEL, STATES } from "../analysis/packetFields";
import { prefixToRange } from "../model/addresses";
import { type Constraint, firstOf, type Interval, ofFamily, oneValue, whereAll } from "../analysis/constraints";
import type { Direction } from "../model/rule";

/**
 * 1 for what passes before any rule is asked, and for nothing else: what docs/rules.md names, in the numbers of IANA.
 * Written apart from what is rendered.
 */
export function baseDiagram(
    diagrams: Diagrams,
    direction: Direction,
    interfaces: Interfaces,
    conditions: ConditionLevels,
): Diagram {
    const loopback = interfaces.names.indexOf("lo");

    // The client's own port, and that of the server that answers it.
    const dhcp = (client: number, server: number): Constraint[] => {
        const [to, from] = direction === "ingress" ? [client, server] : [server, client];
        return [oneValue(LEVEL.protocol, 17), oneValue(LEVEL.destinationPort, to), oneValue(LEVEL.sourcePort, from)];
    };
    const fromLinkLocal: Constraint = {
        kind: "addresses",
        level: direction === "ingress" ? LEVEL.far : LEVEL.own,
        family: 6,
        ranges: [prefixToRange({ family: 6, address: 0xfe80n << 112n, length: 10 })],
    };

    const passes: readonly (readonly Constraint[])[] = [
        [oneValue(LEVEL.interface, loopback)],
        ...OF_OPEN_CONNECTIONS,
        // Neighbour discovery that no router has handed on, and listener discovery.
        [...ICMPV6, types(between(133, 136)), oneValue(conditions("ip6 hoplimit 255"), 1)],
        [...ICMPV6, types(between(130, 132), between(143))],
        [ofFamily(4), ...dhcp(68, 67)],
        [...dhcp(546, 547), fromLinkLocal],
    ];
    return firstOf(
        diagrams,
        passes.map((constraints) => whereAll(diagrams, constraints, 1)),
    );
}

const ICMP = [ofFamily(4), oneValue(LEVEL.protocol, 1)];
const ICMPV6 = [ofFamily(6), oneValue(LEVEL.protocol, 58)];

const state = (name: (typeof STATES)[number]) => oneValue(LEVEL.state, STATES.indexOf(name));
const between = (first: number, last = first): Interval => ({ first, last });
const types = (...intervals: Interval[]): Constraint => ({ kind: "values", level: LEVEL.detail, intervals });

/** Replies, and errors about connections that are open. */
export const OF_OPEN_CONNECTIONS: readonly (readonly Constraint[])[] = [
    [state("established")],
    // Destination unreachable, time exceeded, parameter problem; in IPv6 packet too big with them.
    [...ICMP, state("related"), types(between(3), between(11, 12))],
    [...ICMPV6, state("related"), types(between(1, 4))],
];
