import { type AddressRange, type Family, formatAddress, formatPrefix, toPrefixes } from "../../model/addresses";
import { formatPort } from "../../model/ports";
import { icmpTypeNumber } from "../../model/icmpTypes";
import type { NamedSet } from "../../model/policy";
import type { Addresses, Peer, PortList, ProtocolMatch, Rule } from "../../model/rule";
import { NO_ADDRESS, NO_PACKET, NO_PORT, setIdentifier } from "./identifiers";

export type SetsByName = ReadonlyMap<string, NamedSet>;

/** One alternative of one part of a rule, as nft text. `family`: it can hold for packets of that family only. */
interface Alternative {
    readonly family?: Family;
    readonly text: string;
}

/**
 * The nft rules of one rule, without comment: one for each combination of a source, a destination and a kind of protocol
 * that some packet can meet. nft can't say "these addresses or that set" in one match, nor both families.
 *
 * An alternative that no packet can meet (an IPv6 source with an IPv4 destination) is written as a note, a rule that
 * matches nothing, so that the listing still holds the whole rule.
 */
export function renderRule(rule: Rule, sets: SetsByName): string[] {
    const protocols = protocolAlternatives(rule);
    const sources = addressAlternatives("saddr", rule.from.addresses, sets);
    const destinations = addressAlternatives("daddr", rule.to.addresses, sets);
    const lines: string[] = [];
    const used = new Set<Alternative>();
    for (const source of sources)
        for (const destination of destinations)
            for (const protocol of protocols) {
                const parts = [source, destination, protocol];
                if (new Set(parts.flatMap(({ family }) => family ?? [])).size > 1) continue;
                parts.forEach((part) => used.add(part));
                lines.push(words(...parts.map(({ text }) => text), "counter", rule.action));
            }
    const notes = [...sources, ...destinations, ...protocols].filter((part) => part.text && !used.has(part));
    return [...lines, ...notes.map(({ text }) => words(`meta mark @${NO_PACKET}`, text, "counter", rule.action))];
}

function addressAlternatives(field: "saddr" | "daddr", addresses: Addresses, sets: SetsByName): Alternative[] {
    if (addresses.kind === "anywhere") {
        if (addresses.family === undefined) return [{ text: "" }];
        // Not `meta nfproto`: it would not tell which end of the rule says it.
        const all = addresses.family === 4 ? "0.0.0.0/0" : "::/0";
        return [{ family: addresses.family, text: `${protocolOf(addresses.family)} ${field} ${all}` }];
    }
    if (addresses.unknown) throw new Error("a rule with an address that is not known yet can't be rendered");
    const literal = ([4, 6] as const).flatMap((family): Alternative[] => {
        const ranges = addresses.ranges.filter((range) => range.family === family);
        return ranges.length === 0
            ? []
            : [{ family, text: `${protocolOf(family)} ${field} ${list(ranges, formatRange)}` }];
    });
    const named = addresses.sets.flatMap(({ name }) => {
        const set = sets.get(name);
        if (!set) throw new Error(`a rule refers to set ${name}, which the policy does not hold`);
        return familiesOf(set).map((family) => ({
            family,
            text: `${protocolOf(family)} ${field} @${setIdentifier(name, family)}`,
        }));
    });
    if (literal.length + named.length === 0) return [{ family: 4, text: `ip ${field} @${NO_ADDRESS}` }];
    return [...literal, ...named];
}

/** An empty set is an (empty) set of IPv4 addresses. */
export function familiesOf({ ranges }: NamedSet): Family[] {
    const families = ([4, 6] as const).filter((family) => ranges.some((range) => range.family === family));
    return families.length === 0 ? [4] : families;
}

function protocolAlternatives({ matches, from, to }: Rule): Alternative[] {
    if (matches.length === 0) throw new Error("a rule must name a protocol, or any");
    const alternatives: Alternative[] = [];
    const plain = matches.filter(({ protocol }) => protocol !== "icmp" && protocol !== "icmpv6");
    if (plain.length > 0) alternatives.push({ text: plainProtocols(plain, from, to) });
    for (const { protocol, types } of matches) {
        if (protocol !== "icmp" && protocol !== "icmpv6") continue;
        const family = protocol === "icmp" ? 4 : 6;
        // Numbers: hosts without /etc/protocols don't know the name ipv6-icmp, and names of types vary.
        const all = protocol === "icmp" ? "ip protocol 1" : "meta nfproto ipv6 meta l4proto 58";
        if (types?.length === 0) throw new Error("a list of ICMP types must not be empty");
        const numbers = types?.map((type) => icmpTypeNumber(protocol, type) ?? type);
        alternatives.push({ family, text: numbers ? `${protocol} type ${list(numbers, String)}` : all });
    }
    return alternatives;
}

function plainProtocols(matches: readonly ProtocolMatch[], from: Peer, to: Peer): string {
    const protocols = matches.map(({ protocol }) => protocol);
    const [only] = protocols;
    const ports = (header: string) =>
        words(portMatch(header, "sport", from.ports), portMatch(header, "dport", to.ports));
    if (only === "any" || (!from.ports && !to.ports))
        return only === "any" ? "" : `meta l4proto ${list(protocols, String)}`;
    if (protocols.length === 1) return ports(String(only));
    return words(`meta l4proto ${list(protocols, String)}`, ports("th"));
}

function portMatch(header: string, field: "sport" | "dport", ports: PortList | undefined): string {
    if (!ports) return "";
    if (ports.unknown) throw new Error("a rule with a port that is not known yet can't be rendered");
    return `${header} ${field} ${ports.ranges.length === 0 ? `@${NO_PORT}` : list(ports.ranges, formatPort)}`;
}

/** The shortest text of a range: an address, a prefix, or both ends (nft 0.9.8 refuses a range of one address). */
export function formatRange(range: AddressRange): string {
    const [prefix, ...more] = toPrefixes([range]);
    if (prefix && more.length === 0) return formatPrefix(prefix);
    return `${formatAddress(range.family, range.first)}-${formatAddress(range.family, range.last)}`;
}

function list<T>(items: readonly T[], format: (item: T) => string): string {
    const texts = items.map(format);
    return texts.length === 1 ? texts[0]! : `{ ${texts.join(", ")} }`;
}

function protocolOf(family: Family): "ip" | "ip6" {
    return family === 4 ? "ip" : "ip6";
}

function words(...parts: readonly string[]): string {
    return parts.filter(Boolean).join(" ");
}
