import { type Family, formatAddress } from "../model/addresses";
import { type IcmpProtocol, icmpTypeName } from "../model/icmpTypes";
import { formatProtocol, protocolByNumber } from "../model/protocols";
import type { Direction } from "../model/rule";
import { TCP_FLAGS } from "../model/tcpFlags";
import type { Packet } from "./decide";
import { type Diagram, type Diagrams, NO_LEVEL } from "./diagram";
import type { Interfaces } from "./interfaces";
import { LEVEL, PROTOCOL_NUMBERS, STATES, wordAt, wordsOf } from "./packetFields";

/** Addresses for documentation (RFC 5737, RFC 3849), so that nobody's server is taken for an example. */
const STRANGERS = {
    4: [0xcb007109n, 0xc6336409n, 0xc0000209n],
    6: [0x20010db80bad00000000000000000009n],
} as const;
const SERVER = { 4: 0xc000020an, 6: 0x20010db8000500000000000000000010n } as const;

const { tcp, udp, icmp, icmpv6 } = PROTOCOL_NUMBERS;
const PORTS = [22, 80, 443, 53, 25, 3306, 5432, 3389, 8080, 123, 161];
const SOURCE_PORT = 40000;
const PING = { [icmp]: 8, [icmpv6]: 128 } as const;

/**
 * The most ordinary packet that leads to 1: a new connection where there is one, TCP before UDP before ping, to a port that
 * everybody knows, from a stranger of the documentation. Undefined for the empty set.
 */
export function witness(
    diagrams: Diagrams,
    diagram: Diagram,
    direction: Direction,
    interfaces?: Interfaces,
): Packet | undefined {
    return openWitness(diagrams, direction, interfaces)(diagram);
}

/** The same for many sets: what packets that differ only in protocol and port have in common is looked for once. */
export function openWitness(
    diagrams: Diagrams,
    direction: Direction,
    interfaces?: Interfaces,
): (diagram: Diagram) => Packet | undefined {
    const ends: Ends = new Map();
    return (diagram) => {
        const found = ordinaryValuesIn(diagrams, diagram, ends);
        return found && packetOf(found, direction, interfaces);
    };
}

/** What was chosen from the interface on, by what is asked there and the family that is tried first. */
type Ends = Map<string, Values>;

/**
 * The same packet as the values of levels; those of conditions only where they matter.
 *
 * @throws Error for the empty set.
 */
export function witnessValues(diagrams: Diagrams, diagram: Diagram): ReadonlyMap<number, number> {
    const found = ordinaryValuesIn(diagrams, diagram);
    if (!found) throw new Error("an empty set has no witness");
    return found;
}

/** The value of each level that was asked or chosen. */
type Values = ReadonlyMap<number, number>;

function ordinaryValuesIn(diagrams: Diagrams, diagram: Diagram, ends: Ends = new Map()): Values | undefined {
    return search(diagrams, diagram, true, ends) ?? search(diagrams, diagram, false, ends);
}

/** Whatever is not 0 leads to 1 somewhere, so only `isNew` can lead nowhere. */
function search(diagrams: Diagrams, diagram: Diagram, isNew: boolean, ends: Ends): Values | undefined {
    const values = new Map<number, number>();
    const dead = new Set<Diagram>();

    const chooseFrom = (level: number, at: Diagram): boolean => {
        if (at === 0 || dead.has(at)) return false;
        if (level === LEVEL.interface) return chooseEnd(at);
        if (level >= LEVEL.condition) return chooseConditions(at);
        if (level === LEVEL.own || level === LEVEL.far) return chooseAddress(level, at);
        return chooseBelow(level, at);
    };

    const chooseBelow = (level: number, at: Diagram): boolean => {
        for (const value of candidates(diagrams, at, level, values)) {
            if (level === LEVEL.state && isNew && value !== 0) break;
            values.set(level, value);
            if (chooseFrom(level + 1, diagrams.kidAt(at, level, value))) return true;
        }
        values.delete(level);
        // What was tried below depends on the state alone, which is the same in the whole search.
        if (diagrams.levelOf(at) === level) dead.add(at);
        return false;
    };

    /** Whatever is asked here leads to 1 somewhere. */
    const chooseEnd = (at: Diagram): boolean => {
        const key = `${at} ${ordinaryValues(LEVEL.family, values)[0]}`;
        const before = ends.get(key);
        if (before) for (const [level, value] of before) values.set(level, value);
        else {
            chooseBelow(LEVEL.interface, at);
            ends.set(key, new Map([...values].filter(([level]) => level >= LEVEL.interface)));
        }
        return true;
    };

    const chooseConditions = (at: Diagram): boolean => {
        let kid = at;
        for (let level = diagrams.levelOf(kid); level !== NO_LEVEL; level = diagrams.levelOf(kid)) {
            const value = diagrams.kidAt(kid, level, 0) !== 0 ? 0 : 1;
            values.set(level, value);
            kid = diagrams.kidAt(kid, level, value);
        }
        return true;
    };

    const chooseAddress = (level: number, at: Diagram): boolean => {
        const family = values.get(LEVEL.family) === 0 ? 4 : 6;
        const count = wordsOf(family);
        const known = level === LEVEL.own ? [SERVER[family]] : STRANGERS[family];
        const words = known
            .map((address) => Array.from({ length: count }, (_, i) => wordAt(address, family, i)))
            .find((each) => each.reduce((kid, word, i) => diagrams.kidAt(kid, level + i, word), at) !== 0);
        let kid = at;
        for (let i = 0; i < count; i++) {
            const word = words?.[i] ?? diagrams.pieces(kid, level + i).find((piece) => piece.kid !== 0)!.first;
            values.set(level + i, word);
            kid = diagrams.kidAt(kid, level + i, word);
        }
        return chooseFrom(level === LEVEL.own ? LEVEL.far : LEVEL.sourcePort, kid);
    };

    return chooseFrom(LEVEL.protocol, diagram) ? values : undefined;
}

/** Values of a level that lead on, the most ordinary first, then the first of each interval. */
function* candidates(diagrams: Diagrams, at: Diagram, level: number, chosen: Values): Generator<number> {
    const ordinary = ordinaryValues(level, chosen);
    for (const value of ordinary) if (diagrams.kidAt(at, level, value) !== 0) yield value;
    for (const { first, last, kid } of diagrams.pieces(at, level))
        if (kid !== 0) yield isPort(level) ? Math.min(Math.max(first, 1), last) : first;
}

const isPort = (level: number) => level === LEVEL.destinationPort || level === LEVEL.sourcePort;

function ordinaryValues(level: number, chosen: Values): readonly number[] {
    const protocol = chosen.get(LEVEL.protocol)!;
    switch (level) {
        case LEVEL.protocol:
            return [tcp, udp, icmp, icmpv6];
        case LEVEL.detail:
            return protocol === tcp
                ? [TCP_FLAGS.syn]
                : protocol === icmp || protocol === icmpv6
                  ? [PING[protocol]]
                  : [];
        case LEVEL.destinationPort:
            return PORTS;
        case LEVEL.family:
            return protocol === icmpv6 ? [1, 0] : [0, 1];
        case LEVEL.sourcePort:
            return [SOURCE_PORT];
        default:
            return [0];
    }
}

function packetOf(values: Values, direction: Direction, interfaces: Interfaces | undefined): Packet {
    const at = (level: number) => values.get(level) ?? 0;
    const family: Family = at(LEVEL.family) === 0 ? 4 : 6;
    const address = (level: number) =>
        Array.from({ length: wordsOf(family) }, (_, i) => BigInt(at(level + i))).reduce((a, word) => (a << 32n) + word);
    const [own, far] = [address(LEVEL.own), address(LEVEL.far)];
    const protocol = at(LEVEL.protocol);
    const state = STATES[at(LEVEL.state)]!;
    const name = interfaces?.names[at(LEVEL.interface)] ?? "";
    return {
        direction,
        family,
        protocol,
        source: direction === "ingress" ? far : own,
        destination: direction === "ingress" ? own : far,
        ...((protocol === tcp || protocol === udp) && {
            sourcePort: Math.max(at(LEVEL.sourcePort), 1),
            destinationPort: Math.max(at(LEVEL.destinationPort), 1),
        }),
        ...(isIcmp(protocol, family) && { icmpType: at(LEVEL.detail), icmpCode: at(LEVEL.icmpCode) }),
        ...(protocol === tcp && at(LEVEL.detail) !== TCP_FLAGS.syn && { tcpFlags: at(LEVEL.detail) }),
        ...(state !== "new" && { state }),
        ...(name && { interface: name }),
    };
}

function isIcmp(protocol: number, family: Family): boolean {
    return protocol === (family === 4 ? icmp : icmpv6);
}

/**
 * A packet in one line; what is ordinary is not said.
 *
 * @example `in tcp 203.0.113.9 -> 192.0.2.10 port 22`, `in udp 203.0.113.9 from port 53 -> 192.0.2.10 port 161`, `out icmp echo-request 192.0.2.10 -> 203.0.113.9`
 */
export function formatPacket(packet: Packet): string {
    const { source, destination, family } = packet;
    const direction = packet.direction === "ingress" ? "in" : "out";
    return `${direction} ${phrase(packet, formatAddress(family, source), formatAddress(family, destination))}`;
}

/** The same for a reader who knows which server it is about: `tcp 203.0.113.9 -> port 22`, `out tcp -> 203.0.113.9 port 25`. */
export function formatExample(packet: Packet): string {
    const { direction, source, destination, family } = packet;
    const [own, far] = direction === "ingress" ? [destination, source] : [source, destination];
    const ownText = own === SERVER[family] ? "" : formatAddress(family, own);
    const farText = formatAddress(family, far);
    const [from, to] = direction === "ingress" ? [farText, ownText] : [ownText, farText];
    const words = phrase(packet, from, to || (packet.destinationPort === undefined ? "this server" : ""));
    return direction === "ingress" ? words : `out ${words}`;
}

function phrase(packet: Packet, source: string, destination: string): string {
    const { direction, family, protocol, sourcePort, destinationPort, icmpType, icmpCode, tcpFlags } = packet;
    const known = formatProtocol(protocolByNumber(String(protocol)) ?? protocol);
    const ofOtherFamily = (known === "icmp" && family === 6) || (known === "icmpv6" && family === 4);
    const type = icmpType === undefined ? "" : icmpTypeName(known as IcmpProtocol, icmpType);
    const flags = tcpFlags === undefined ? "" : `flags ${flagNames(tcpFlags)}`;
    return [
        ofOtherFamily ? `protocol ${protocol}` : known,
        icmpCode ? `${type}/${icmpCode}` : type,
        flags,
        source,
        sourcePort === undefined || sourcePort === SOURCE_PORT ? "" : `from port ${sourcePort}`,
        "->",
        destination,
        destinationPort === undefined ? "" : `port ${destinationPort}`,
        packet.interface === undefined ? "" : `${direction === "ingress" ? "in" : "out"} ${packet.interface}`,
        packet.state === undefined ? "" : `state ${packet.state}`,
    ]
        .filter(Boolean)
        .join(" ");
}

function flagNames(flags: number): string {
    const names = Object.entries(TCP_FLAGS).flatMap(([name, bit]) => (flags & bit ? [name] : []));
    return names.join("+") || "none";
}
