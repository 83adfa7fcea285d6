import { type Family, formatAddress } from "../model/addresses";
import { type IcmpProtocol, icmpTypeName } from "../model/icmpTypes";
import { formatProtocol, protocolByNumber } from "../model/protocols";
import type { Direction } from "../model/rule";
import { TCP_FLAGS } from "../model/tcpFlags";
import type { Packet } from "./decide";
import type { Diagram, Diagrams } from "./diagram";
import type { Interfaces } from "./interfaces";
import { LEVEL, STATES, wordsOf } from "./packetFields";

/**
 * The most ordinary packet of a set: one that asks for a connection, over IPv4, TCP before UDP before others, to a port
 * that people know, between addresses that are for examples, wherever the set holds such a packet.
 *
 * @param diagram terminals are 0 and 1, and it is not 0.
 */
export function witness(diagrams: Diagrams, diagram: Diagram, direction: Direction, interfaces: Interfaces): Packet {
    return packetOf(witnessValues(diagrams, diagram), direction, interfaces);
}

/** The same packet as the values of levels; those of conditions are there where they matter. */
export function witnessValues(diagrams: Diagrams, diagram: Diagram): ReadonlyMap<number, number> {
    if (diagram === 0) throw new Error("an empty set has no witness");
    const values = new Map<number, number>();
    let rest = diagram;
    const narrowed = (wanted: readonly (readonly [level: number, value: number])[]): boolean => {
        const next = diagrams.restrict(rest, new Map(wanted));
        if (next === 0) return false;
        for (const [level, value] of wanted) values.set(level, value);
        rest = next;
        return true;
    };
    const prefer = (level: number, ordinary: readonly number[]): void => {
        if (ordinary.some((value) => narrowed([[level, value]]))) return;
        narrowed([[level, firstValue(diagrams, rest, level)]]);
    };

    prefer(LEVEL.state, [0, 1, 2, 3, 4]);
    prefer(LEVEL.interface, [0]);
    prefer(LEVEL.family, [0, 1]);
    const family = values.get(LEVEL.family) === 0 ? 4 : 6;
    prefer(LEVEL.protocol, [TCP, UDP, icmpOf(family)]);
    const protocol = values.get(LEVEL.protocol)!;
    prefer(LEVEL.detail, protocol === TCP ? [TCP_FLAGS.syn] : [family === 4 ? 8 : 128]);
    prefer(LEVEL.icmpCode, [0]);
    prefer(LEVEL.destinationPort, KNOWN_PORTS);
    preferAddress(LEVEL.own, SERVERS[family]);
    preferAddress(LEVEL.far, STRANGERS[family]);
    prefer(LEVEL.sourcePort, [SOURCE_PORT]);
    for (let level = diagrams.levelOf(rest); level !== Infinity; level = diagrams.levelOf(rest)) prefer(level, [0, 1]);
    return values;

    function preferAddress(level: number, ordinary: readonly bigint[]): void {
        const words = wordsOf(family);
        const wanted = (address: bigint) =>
            Array.from({ length: words }, (_, i): [number, number] => [
                level + i,
                Number(BigInt.asUintN(32, address >> BigInt(32 * (words - 1 - i)))),
            ]);
        if (ordinary.some((address) => narrowed(wanted(address)))) return;
        for (let i = 0; i < words; i++) prefer(level + i, []);
    }
}

/** The first value of a level for which a diagram is not 0 everywhere, whatever the levels above it are. */
function firstValue(diagrams: Diagrams, diagram: Diagram, level: number): number {
    const known = new Map<Diagram, number>();
    const visit = (each: Diagram): number => {
        const before = known.get(each);
        if (before !== undefined) return before;
        const at = Math.min(diagrams.levelOf(each), level);
        const pieces = diagrams.pieces(each, at).filter(({ kid }) => kid !== 0);
        const first = at === level ? pieces[0]!.first : Math.min(...pieces.map(({ kid }) => visit(kid)));
        known.set(each, first);
        return first;
    };
    return visit(diagram);
}

function packetOf(values: ReadonlyMap<number, number>, direction: Direction, interfaces: Interfaces): Packet {
    const at = (level: number) => values.get(level)!;
    const family = at(LEVEL.family) === 0 ? 4 : 6;
    const protocol = at(LEVEL.protocol);
    const address = (level: number) => {
        const words = Array.from({ length: wordsOf(family) }, (_, i) => BigInt(at(level + i)));
        return words.reduce((sum, word) => (sum << 32n) | word, 0n);
    };
    const [own, far] = [address(LEVEL.own), address(LEVEL.far)];
    const [state, name] = [STATES[at(LEVEL.state)]!, interfaces.names[at(LEVEL.interface)]!];
    return {
        direction,
        family,
        protocol,
        source: direction === "ingress" ? far : own,
        destination: direction === "ingress" ? own : far,
        ...((protocol === TCP || protocol === UDP) && {
            // Port 0 stands for port 1, which all rules decide alike.
            sourcePort: at(LEVEL.sourcePort) || 1,
            destinationPort: at(LEVEL.destinationPort) || 1,
        }),
        ...(protocol === icmpOf(family) && { icmpType: at(LEVEL.detail), icmpCode: at(LEVEL.icmpCode) }),
        ...(protocol === TCP && at(LEVEL.detail) !== TCP_FLAGS.syn && { tcpFlags: at(LEVEL.detail) }),
        ...(state !== "new" && { state }),
        ...(name !== "" && { interface: name }),
    };
}

/** In one line, without what is ordinary: `in tcp 203.0.113.9 -> 192.0.2.10 port 22`. */
export function formatPacket(packet: Packet): string {
    const { direction, family, source, destination, sourcePort, destinationPort, state, tcpFlags } = packet;
    const port = (number: number | undefined) => (number === undefined ? "" : ` port ${number}`);
    return [
        direction === "ingress" ? "in" : "out",
        protocolWords(packet),
        ...(tcpFlags === undefined ? [] : [`flags ${flagWords(tcpFlags)}`]),
        ...(state === undefined ? [] : [`state ${state}`]),
        ...(packet.interface === undefined ? [] : [`on ${packet.interface}`]),
        `${formatAddress(family, source)}${port(sourcePort === SOURCE_PORT ? undefined : sourcePort)}`,
        "->",
        `${formatAddress(family, destination)}${port(destinationPort)}`,
    ].join(" ");
}

function protocolWords({ family, protocol, icmpType, icmpCode }: Packet): string {
    if (protocol !== icmpOf(family) || icmpType === undefined)
        return protocol === TCP || protocol === UDP
            ? formatProtocol(protocolByNumber(String(protocol))!)
            : `protocol ${protocol}`;
    const name: IcmpProtocol = family === 4 ? "icmp" : "icmpv6";
    return `${name} ${icmpTypeName(name, icmpType)}${icmpCode ? ` code ${icmpCode}` : ""}`;
}

function flagWords(byte: number): string {
    const set = Object.entries(TCP_FLAGS).filter(([, bit]) => (byte & bit) !== 0);
    return set.length === 0 ? "none" : set.map(([name]) => name).join(",");
}

const [TCP, UDP] = [6, 17] as const;
const icmpOf = (family: Family) => (family === 4 ? 1 : 58);
/** A source port that programs use and nobody names. */
const SOURCE_PORT = 40000;
/** In the order in which a reader would try them. */
const KNOWN_PORTS = [22, 443, 80, 53, 25, 3306, 5432, 8080, 123, 3389];

// Addresses for documentation (RFC 5737, RFC 3849).
const STRANGERS = { 4: [0xcb007109n, 0xc6336409n, 0xc0000209n], 6: [documented(0x0bad0000n, 9n)] } as const;
const SERVERS = { 4: [0xc000020an], 6: [documented(0x00050000n, 0x10n)] } as const;

/** `2001:db8:<network>::<host>`, the network as 32 bits. */
function documented(network: bigint, host: bigint): bigint {
    return (0x20010db8n << 96n) + (network << 64n) + host;
}
