import type { AddressRange, Family } from "../model/addresses";
import { icmpMessage } from "../model/icmpTypes";
import type { KeyedRule, NamedSet, Policy } from "../model/policy";
import type { Addresses, AddressList, Direction, Peer, Protocol, ProtocolMatch, Rule } from "../model/rule";
import { notKnownYet } from "../model/storedPolicy";
import { hasForm, TCP_FLAGS } from "../model/tcpFlags";
import type { STATES } from "./packetFields";

/** One new packet. Replies and whatever else the dialect's base takes are not asked about. */
export interface Packet {
    /** Seen from the server. */
    readonly direction: Direction;
    readonly family: Family;
    /** IANA number, 0 to 255. */
    readonly protocol: number;
    readonly source: bigint;
    readonly destination: bigint;
    /** Of TCP and UDP. */
    readonly sourcePort?: number;
    readonly destinationPort?: number;
    /** Of ICMP in IPv4 and ICMPv6 in IPv6. */
    readonly icmpType?: number;
    /** Default 0. */
    readonly icmpCode?: number;
    /** The byte of TCP's flags; default SYN. */
    readonly tcpFlags?: number;
    /** What connection tracking says; default `new`. */
    readonly state?: (typeof STATES)[number];
    /** By which it comes or goes; absent: one that no rule names. */
    readonly interface?: string;
    /** It finds every rate limit used up. */
    readonly beyondLimits?: true;
}

export interface Decision {
    readonly verdict: "accept" | "drop" | "reject";
    /** The key of the rule that decides, or `default action`. */
    readonly by: string;
}

export const DEFAULT_ACTION = "default action";

/**
 * What a policy does with one packet, rule by rule as a reader would. The other analyses, which reason about all packets
 * at once, are compared with this.
 *
 * @throws Error where something in the policy is not known yet.
 */
export function decide(policy: Policy, packet: Packet): Decision {
    mustBeKnown(policy);
    return decideAmong(policy, policy.rules, packet);
}

/** @throws Error where something in the policy is not known yet. */
export function mustBeKnown(policy: Policy): void {
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet, so nothing can be decided`);
}

/** The same if `rules` are all of the policy, in their order, that can match the packet. */
export function decideAmong({ sets, defaults }: Policy, rules: readonly KeyedRule[], packet: Packet): Decision {
    for (const { key, rule } of rules) if (matches(rule, packet, sets)) return { verdict: rule.action, by: key };
    return { verdict: defaults[packet.direction], by: DEFAULT_ACTION };
}

function matches(rule: Rule, packet: Packet, sets: readonly NamedSet[]): boolean {
    return matchesPort(rule.to, packet.destinationPort) && matchesBesidesPort(rule, packet, sets);
}

/** Does it match the packet, if only it goes to one of the rule's destination ports? */
export function matchesBesidesPort(rule: Rule, packet: Packet, sets: readonly NamedSet[]): boolean {
    return (
        rule.direction === packet.direction &&
        matchesSome(rule.matches, packet) &&
        matchesOptions(rule, packet) &&
        matchesPort(rule.from, packet.sourcePort) &&
        matchesAddress(rule.from.addresses, packet.family, packet.source, sets) &&
        matchesAddress(rule.to.addresses, packet.family, packet.destination, sets)
    );
}

const NUMBERS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as const;
/** ICMP is IPv4's and ICMPv6 is IPv6's; the same number in the other family is none of the two. */
const FAMILIES: Partial<Record<Protocol, Family>> = { icmp: 4, icmpv6: 6 };

function matchesSome(matches: readonly ProtocolMatch[], packet: Packet): boolean {
    for (const match of matches) if (matchesProtocol(match, packet)) return true;
    return false;
}

function matchesProtocol({ protocol, types }: ProtocolMatch, packet: Packet): boolean {
    if (protocol === "any") return true;
    const number = typeof protocol === "number" ? protocol : NUMBERS[protocol];
    if (packet.protocol !== number || (FAMILIES[protocol] ?? packet.family) !== packet.family) return false;
    if (types === undefined || (protocol !== "icmp" && protocol !== "icmpv6")) return true;
    return types.some((text) => {
        const { type, code } = icmpMessage(protocol, text)!;
        return type === packet.icmpType && (code ?? packet.icmpCode ?? 0) === (packet.icmpCode ?? 0);
    });
}

function matchesOptions({ interfaces, states, flags, limit }: Rule, packet: Packet): boolean {
    const { state = "new", tcpFlags = TCP_FLAGS.syn, beyondLimits = false } = packet;
    return (
        (!interfaces || interfaces.some((pattern) => isNamed(packet.interface, pattern))) &&
        (!states || states.some((each) => each === state)) &&
        (!flags || flags.some((form) => hasForm(tcpFlags, form))) &&
        !(limit && beyondLimits)
    );
}

function isNamed(name: string | undefined, pattern: string): boolean {
    if (!pattern.endsWith("*")) return name === pattern;
    return name !== undefined && name.startsWith(pattern.slice(0, -1));
}

function matchesPort({ ports }: Peer, port: number | undefined): boolean {
    if (ports === undefined) return true;
    return port !== undefined && ports.ranges.some(({ first, last }) => first <= port && port <= last);
}

function matchesAddress(addresses: Addresses, family: Family, address: bigint, sets: readonly NamedSet[]): boolean {
    if (addresses.except && includes(addresses.except, family, address, sets)) return false;
    if (addresses.kind === "anywhere") return addresses.family === undefined || addresses.family === family;
    return includes(addresses, family, address, sets);
}

function includes(list: AddressList, family: Family, address: bigint, sets: readonly NamedSet[]): boolean {
    if (isIn(list.ranges, family, address)) return true;
    for (const { name } of list.sets)
        if (sets.some((set) => set.name === name && isIn(set.ranges, family, address))) return true;
    return false;
}

function isIn(ranges: readonly AddressRange[], family: Family, address: bigint): boolean {
    for (const range of ranges)
        if (range.family === family && range.first <= address && address <= range.last) return true;
    return false;
}
