import { icmpMessage, type IcmpProtocol } from "../../model/icmpTypes";
import { formatPort } from "../../model/ports";
import type { Peer, PortList, ProtocolMatch, Rule } from "../../model/rule";
import type { KeyedRule } from "../../model/policy";
import { ruleComment } from "../ruleComment";
import { NO_PACKET, NO_PORT } from "./identifiers";
import { addressAlternatives, type SetsByName } from "./renderAddresses";
import {
    flagAlternatives,
    interfaceAlternatives,
    limitAlternatives,
    logText,
    stateText,
    verdictText,
} from "./renderOptions";
import { type Alternative, list, words } from "./renderText";

/** The nft rules of one rule, each with its key for a comment. */
export function renderKeyedRule(keyed: KeyedRule, sets: SetsByName): string[] {
    const comment = ruleComment(keyed);
    return renderRule(keyed.key, keyed.rule, sets).map((line) => `${line} comment "${comment}"`);
}

/**
 * The nft rules of one rule, without comment: one for each combination of an interface, a source, a destination, a kind of
 * protocol, flags and the family of a limit that some packet can meet. nft can't say "these addresses or that set" in one
 * match, nor both families. What a rule logs stands before what it decides.
 *
 * An alternative that no packet can meet (an IPv6 source with an IPv4 destination) is written as a note, a rule that
 * matches nothing, so that the listing still holds the whole rule.
 */
export function renderRule(key: string, rule: Rule, sets: SetsByName): string[] {
    const protocols = protocolAlternatives(rule);
    const told = [
        addressAlternatives("saddr", rule.from.addresses, sets),
        addressAlternatives("daddr", rule.to.addresses, sets),
        protocols,
    ];
    const dimensions = [interfaceAlternatives(rule), ...told, flagAlternatives(rule), [{ text: stateText(rule) }]];
    const matches = combinationsOf(dimensions);
    const limited = rule.limit ? combinationsOf([...dimensions, limitAlternatives(key, rule)]) : matches;
    const line = (parts: readonly Alternative[], end: string) =>
        parts.reduceRight((text, part) => (part.text ? `${part.text} ${text}` : text), end);
    const verdict = words("counter", verdictText(rule));
    const log = logText(key, rule);
    const isNever = matches.length === 0;
    return [
        ...(log ? matches.map((parts) => line(parts, log)) : []),
        ...(log && isNever ? [words(`meta mark @${NO_PACKET}`, log)] : []),
        ...limited.map((parts) => line(parts, verdict)),
        ...notes().map((part) => words(`meta mark @${NO_PACKET}`, part.note ?? part.text, verdictOfNote(part))),
    ];

    function notes(): Alternative[] {
        if (!isNever && told.every(({ length }) => length === 1)) return [];
        const used = new Set(matches.flat());
        // A rule that no packet can meet says in notes whatever it says.
        const parts = isNever ? [...dimensions, limitAlternatives(key, rule)] : told;
        return parts.flat().filter((part) => part.text && !used.has(part));
    }

    // nft adds tcp to a rule that answers with a reset, and a note must say nothing that it does not mean.
    function verdictOfNote(part: Alternative): string {
        return rule.answer === "tcp-reset" && !protocols.includes(part) ? words("counter", rule.action) : verdict;
    }
}

/** One of each, in every way in which a packet can meet them all. */
export function combinationsOf(dimensions: readonly (readonly Alternative[])[]): Alternative[][] {
    return dimensions
        .filter((alternatives) => !saysNothing(alternatives))
        .reduce<Alternative[][]>(
            (before, alternatives) =>
                before.flatMap((parts) =>
                    alternatives.filter((part) => canMeet(parts, part)).map((part) => [...parts, part]),
                ),
            [[]],
        );
}

/** As most do. */
function saysNothing([only, ...more]: readonly Alternative[]): boolean {
    return only !== undefined && more.length === 0 && !only.text && !only.family && !only.never;
}

function canMeet(parts: readonly Alternative[], { family, never }: Alternative): boolean {
    return !never && (!family || parts.every((other) => !other.family || other.family === family));
}

function protocolAlternatives({ matches, from, to }: Rule): Alternative[] {
    if (matches.length === 0) throw new Error("a rule must name a protocol, or any");
    const plain = matches.filter(({ protocol }) => protocol !== "icmp" && protocol !== "icmpv6");
    return [
        ...(plain.length > 0 ? [{ text: plainProtocols(plain, from, to) }] : []),
        ...matches.flatMap(({ protocol, types }) =>
            protocol === "icmp" || protocol === "icmpv6" ? icmpAlternatives(protocol, types) : [],
        ),
    ];
}

/** Numbers: hosts without /etc/protocols don't know the name ipv6-icmp, and names of types and codes vary. */
export function icmpAlternatives(protocol: IcmpProtocol, types: readonly string[] | undefined): Alternative[] {
    const family = protocol === "icmp" ? 4 : 6;
    if (!types) return [{ family, text: protocol === "icmp" ? "ip protocol 1" : "meta nfproto ipv6 meta l4proto 58" }];
    if (types.length === 0) throw new Error("a list of ICMP types must not be empty");
    const messages = types.map((text) => {
        const message = icmpMessage(protocol, text);
        if (!message) throw new Error(`${protocol} has no type ${text}`);
        return message;
    });
    const whole = messages.filter(({ code }) => code === undefined).map(({ type }) => type);
    const coded = [...new Set(messages.filter(({ code }) => code !== undefined).map(({ type }) => type))];
    const typeText = (numbers: readonly number[]) => `${protocol} type ${list(numbers, String)}`;
    return [
        ...(whole.length > 0 ? [{ family, text: typeText(whole) } as const] : []),
        ...coded.map((type): Alternative => {
            const codes = messages.flatMap((message) => (message.type === type ? (message.code ?? []) : []));
            return { family, text: words(typeText([type]), `${protocol} code ${list(codes, String)}`) };
        }),
    ];
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
