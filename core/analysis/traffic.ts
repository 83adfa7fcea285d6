import { icmpMessageName, type IcmpProtocol } from "../model/icmpTypes";
import { formatPorts, type PortRange } from "../model/ports";
import { formatProtocol, protocolByNumber } from "../model/protocols";
import type { Direction } from "../model/rule";
import { FLAG_KINDS } from "../model/tcpFlags";
import type { Diagram, Diagrams, Piece } from "./diagram";
import type { Interfaces } from "./interfaces";
import { and } from "./operations";
import { forPorts, forValues, LEVEL, PROTOCOL_NUMBERS, STATES } from "./packetFields";
import { isEveryPort } from "./accessRegions";
import { withThousands } from "./formatWho";
import { EVERY_PORT, numbersOf, widest } from "./pieces";

/** One kind of traffic of a set of packets, and what is asked of it besides. */
export interface Traffic {
    /** `tcp 443, 8000-8080`, `icmp echo-request`, `any`. Of very many ports the first, and how many more. */
    readonly what: string;
    /** All of them; absent: it has none. */
    readonly ports?: readonly PortRange[];
    /** Its packets. */
    readonly packets: Diagram;
    /** The same without the protocol, type and port. */
    readonly rest: Diagram;
}

/**
 * A set of packets by protocol, message type and destination port, in order; what nobody names is `any` and comes first.
 * New connections over interfaces that no rule names come first of all; then what fares otherwise in another state
 * (`tcp 22 state invalid`), by an interface (`tcp 22 in wg0`) or with other flags (`tcp 22 flags null`).
 */
export function trafficIn(
    diagrams: Diagrams,
    packets: Diagram,
    direction: Direction,
    { names }: Interfaces,
): Traffic[] {
    const asked = diagrams.levels(packets);
    const within = (fixed: Fixed) => {
        const matter = fixed.filter(([level]) => asked.has(level));
        return matter.length === 0 ? packets : diagrams.restrict(packets, new Map(matter));
    };
    const states = SAID_STATES.map((state) => ({
        words: state === "new" ? "" : ` state ${state}`,
        fixed: [LEVEL.state, STATES.indexOf(state)] as const,
    }));
    const word = direction === "ingress" ? "in" : "out";
    const interfaces = names.flatMap((name, value) =>
        // The second of the table is `lo`, and the base accepts what passes there.
        value === 1 ? [] : [{ words: value === 0 ? "" : ` ${word} ${name}`, fixed: [LEVEL.interface, value] as const }],
    );
    const usual = within([states[0]!.fixed, interfaces[0]!.fixed]);
    return states.flatMap((state) =>
        interfaces.flatMap((device) => {
            const fixed = [state.fixed, device.fixed];
            const some = within(fixed);
            const isUsual = state === states[0] && device === interfaces[0];
            const said = [within([states[0]!.fixed, device.fixed]), within([state.fixed, interfaces[0]!.fixed])];
            const isSaid = some === usual || (state !== states[0] && device !== interfaces[0] && said.includes(some));
            if (some === 0 || (isSaid && !isUsual)) return [];
            return plainTraffic(diagrams, some).map((traffic) => ({
                ...traffic,
                what: `${traffic.what}${state.words}${device.words}`,
                // A level that is not asked is chosen as usual by who looks for an example.
                packets: fixed
                    .filter(([level]) => asked.has(level))
                    .reduce(
                        (left, [level, value]) => diagrams.combine(and, left, forValues(diagrams, level, [value], 1)),
                        traffic.packets,
                    ),
            }));
        }),
    );
}

type Fixed = readonly (readonly [level: number, value: number])[];

/** Whatever is established is in the base. */
const SAID_STATES = ["new", "related", "invalid", "untracked"] as const;

/** Packets that ask neither state nor interface. */
function plainTraffic(diagrams: Diagrams, packets: Diagram): Traffic[] {
    const protocols = diagrams.pieces(packets, LEVEL.protocol);
    const others = widest(protocols);
    const any = { what: "any", packets: ofProtocols(diagrams, protocols, others), rest: others };
    const named = protocols.flatMap((piece) =>
        piece.kid === others || piece.kid === 0
            ? []
            : numbersOf(piece).flatMap((number) => ofProtocol(diagrams, number, piece.kid, others)),
    );
    return [...(others === 0 ? [] : [any]), ...named];
}

function ofProtocols(diagrams: Diagrams, protocols: readonly Piece[], kid: Diagram): Diagram {
    const numbers = protocols.filter((piece) => piece.kid === kid).flatMap(numbersOf);
    return forValues(diagrams, LEVEL.protocol, numbers, kid);
}

/** `others`: what `any` has said already. */
function ofProtocol(diagrams: Diagrams, number: number, kid: Diagram, others: Diagram): Traffic[] {
    const inProtocol = (traffic: Traffic) => ({
        ...traffic,
        packets: forValues(diagrams, LEVEL.protocol, [number], traffic.packets),
    });
    if (number === PROTOCOL_NUMBERS.icmp) return ofTypes(diagrams, "icmp", kid, others).map(inProtocol);
    if (number === PROTOCOL_NUMBERS.icmpv6) return ofTypes(diagrams, "icmpv6", kid, others).map(inProtocol);
    const name = formatProtocol(protocolByNumber(String(number)) ?? number);
    if (number !== PROTOCOL_NUMBERS.tcp) return ofPorts(diagrams, name, kid, others).map(inProtocol);
    return ofFlags(diagrams, kid, others).map(inProtocol);
}

/** As connections begin, then what fares otherwise with other flags. */
function ofFlags(diagrams: Diagrams, kid: Diagram, others: Diagram): Traffic[] {
    const usual = diagrams.kidAt(kid, LEVEL.detail, FLAG_KINDS.syn);
    return Object.entries(FLAG_KINDS).flatMap(([kind, byte]) => {
        const mine = diagrams.kidAt(kid, LEVEL.detail, byte);
        if (kind !== "syn" && mine === usual) return [];
        const words = kind === "syn" ? "" : ` flags ${kind}`;
        return ofPorts(diagrams, "tcp", mine, others).map((traffic) => ({
            ...traffic,
            what: `${traffic.what}${words}`,
            packets: forValues(diagrams, LEVEL.detail, [byte], traffic.packets),
        }));
    });
}

/** The ports for which all else is the same are one, where the first of them stands. */
function ofPorts(diagrams: Diagrams, name: string, kid: Diagram, others: Diagram): Traffic[] {
    const byRest = new Map<Diagram, PortRange[]>();
    for (const piece of diagrams.pieces(kid, LEVEL.destinationPort)) {
        if (piece.kid === 0 || piece.kid === others) continue;
        const port = { first: Math.max(piece.first, EVERY_PORT.first), last: piece.last };
        const same = byRest.get(piece.kid);
        if (same) same.push(port);
        else byRest.set(piece.kid, [port]);
    }
    return [...byRest].map(([rest, ports]) => {
        const packets = forPorts(diagrams, LEVEL.destinationPort, ports, rest);
        const what = isEveryPort(ports) ? name : `${name} ${portsText(ports)}`;
        return { what, packets, rest, ...((name === "tcp" || name === "udp") && { ports }) };
    });
}

/** Ranges of which nobody reads more in a line. */
const MOST_SAID = 12;

function portsText(ports: readonly PortRange[]): string {
    if (ports.length <= MOST_SAID + 1) return formatPorts(ports);
    const more = ports.slice(MOST_SAID).reduce((sum, { first, last }) => sum + last - first + 1, 0);
    return `${formatPorts(ports.slice(0, MOST_SAID))} and ${withThousands(more)} more ports`;
}

function ofTypes(diagrams: Diagrams, name: IcmpProtocol, kid: Diagram, others: Diagram): Traffic[] {
    const isSaid = (piece: Piece) => piece.kid === 0 || piece.kid === others;
    const types = diagrams.pieces(kid, LEVEL.detail);
    const rest = widest(types);
    const single = types
        .filter((piece) => piece.kid !== rest && !isSaid(piece))
        .flatMap((piece) => numbersOf(piece).flatMap((type) => ofCodes(diagrams, name, type, piece.kid)));
    const remaining = types.filter((piece) => piece.kid === rest && !isSaid(piece)).flatMap(numbersOf);
    if (remaining.length === 0) return single;
    const what = types.length > 1 ? `${name} (other types)` : name;
    return [...single, { what, packets: forValues(diagrams, LEVEL.detail, remaining, rest), rest }];
}

function ofCodes(diagrams: Diagrams, name: IcmpProtocol, type: number, kid: Diagram): Traffic[] {
    const codes = diagrams.pieces(kid, LEVEL.icmpCode);
    const rest = widest(codes);
    return codes
        .filter((piece) => piece.kid !== 0)
        .flatMap((piece) => {
            const isRest = piece.kid === rest;
            const all = codes.filter(({ kid }) => kid === rest);
            if (isRest && piece !== all[0]) return [];
            const numbers = isRest ? all.flatMap(numbersOf) : numbersOf(piece);
            const packets = (some: readonly number[]) =>
                forValues(diagrams, LEVEL.detail, [type], forValues(diagrams, LEVEL.icmpCode, some, piece.kid));
            const said = (code?: number) =>
                `${name} ${icmpMessageName(name, { type, ...(code !== undefined && { code }) })}`;
            if (isRest) return [{ what: said(), packets: packets(numbers), rest: piece.kid }];
            return numbers.map((code) => ({ what: said(code), packets: packets([code]), rest: piece.kid }));
        });
}
