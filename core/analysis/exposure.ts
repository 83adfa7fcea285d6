import type { Family } from "../model/addresses";
import { formatProtocol, NOT_KNOWN_YET } from "../model/formatRule";
import { type IcmpProtocol, icmpTypeName, icmpTypeNumber } from "../model/icmpTypes";
import type { KeyedRule, Policy } from "../model/policy";
import { formatPort } from "../model/ports";
import type { Direction, Protocol, Rule } from "../model/rule";
import { type Access, accessOf, sameAccess } from "./access";
import { isTooMuchToAnalyse } from "./exposureCost";
import { formatAccess } from "./formatAccess";
import { EVERY_PORT, portPieces } from "./pieces";

/** `"<direction> <protocol> <ports>"` -> who, in words. Two policies that mean the same have the same map. */
export type Exposure = Readonly<Record<string, string>>;

/**
 * The traffic that a policy accepts, outside the base of its dialect, as a reader would say it.
 * Exact, but for what an accept is left with by an earlier drop for only some of this server's addresses or some source
 * ports, and for hundreds of rules that cross each other in ports and addresses: there the line says `(not analysed)`.
 *
 * Cost: rules x distinct port boundaries.
 *
 * @example { "ingress tcp 22": "198.51.100.0/24", "ingress tcp 443": "anywhere except 203.0.113.0/24", "egress any": "anywhere" }
 */
export function exposure(policy: Policy): Exposure {
    if (policy.unknownRules?.length) return { "ingress any": NOT_KNOWN_YET, "egress any": NOT_KNOWN_YET };
    return { ...exposureOf("ingress", policy), ...exposureOf("egress", policy) };
}

type Lines = [key: string, who: string][];
/** Who gets through, of the packets to which the rules that `applies` picks apply. */
type Ask = (applies: (rule: Rule) => boolean, families: readonly Family[]) => Access;

function exposureOf(direction: Direction, policy: Policy): Exposure {
    const rules = policy.rules.filter(({ rule }) => rule.direction === direction);
    if (isTooMuchToAnalyse(rules, direction, policy)) return { [`${direction} any`]: "(not analysed)" };
    const ask: Ask = (applies, families) =>
        accessOf(
            rules.filter(({ rule }) => applies(rule)),
            direction,
            policy,
            families,
        );
    const lines: Lines = [["any", formatAccess(ask(forEveryProtocol, [4, 6]), [4, 6])]];
    for (const protocol of namedProtocols(rules)) {
        if (protocol === "icmp" || protocol === "icmpv6") lines.push(...byType(protocol, rules, ask));
        else if (protocol === "tcp" || protocol === "udp") lines.push(...byPort(protocol, rules, ask));
        else lines.push(...asWhole(protocol, ask));
    }
    if (lines[0]?.[1] === "nobody") lines.shift();
    return Object.fromEntries(lines.map(([what, who]) => [`${direction} ${what}`, who]));
}

function forEveryProtocol(rule: Rule): boolean {
    return matchOf(rule, "any") !== undefined;
}

/** The match of a rule that covers a protocol. */
function matchOf(rule: Rule, protocol: Protocol) {
    return rule.matches.find((match) => match.protocol === "any" || match.protocol === protocol);
}

function namedProtocols(rules: readonly KeyedRule[]): Protocol[] {
    const named = new Set(rules.flatMap(({ rule }) => rule.matches.map(({ protocol }) => protocol)));
    const words = (["tcp", "udp", "icmp", "icmpv6"] as const).filter((word) => named.has(word));
    const numbers = [...named].filter((protocol) => typeof protocol === "number").sort((a, b) => a - b);
    return [...words, ...numbers];
}

/** A protocol without ports and types, if it fares differently from the protocols that no rule names. */
function asWhole(protocol: Protocol, ask: Ask): Lines {
    const access = ask((rule) => matchOf(rule, protocol) !== undefined, [4, 6]);
    if (sameAccess(access, ask(forEveryProtocol, [4, 6]))) return [];
    return [[formatProtocol(protocol), formatAccess(access, [4, 6])]];
}

function byType(protocol: IcmpProtocol, rules: readonly KeyedRule[], ask: Ask): Lines {
    const families: Family[] = [protocol === "icmp" ? 4 : 6];
    const numbersOf = (rule: Rule) => matchOf(rule, protocol)?.types?.map((type) => icmpTypeNumber(protocol, type));
    const untyped = (rule: Rule) => matchOf(rule, protocol) !== undefined && numbersOf(rule) === undefined;
    const named = new Set(rules.flatMap(({ rule }) => numbersOf(rule) ?? []));
    const others = ask(untyped, families);
    const lines: Lines = [];
    for (const number of [...named].sort((a = 0, b = 0) => a - b)) {
        const access = ask((rule) => untyped(rule) || numbersOf(rule)?.includes(number) === true, families);
        if (sameAccess(access, others)) continue;
        lines.push([`${protocol} ${icmpTypeName(protocol, number ?? 0)}`, formatAccess(access, families)]);
    }
    if (!sameAccess(others, ask(forEveryProtocol, families)))
        lines.push([lines.length ? `${protocol} (other types)` : protocol, formatAccess(others, families)]);
    return lines;
}

/** The ports of a protocol in maximal intervals over which the access is the same. */
function byPort(protocol: "tcp" | "udp", rules: readonly KeyedRule[], ask: Ask): Lines {
    const relevant = rules.map(({ rule }) => rule).filter((rule) => matchOf(rule, protocol));
    const rest = ask(forEveryProtocol, [4, 6]);
    const intervals: { first: number; last: number; access: Access }[] = [];
    for (const piece of portPieces(relevant.flatMap((rule) => rule.to.ports?.ranges ?? []))) {
        const access = ask((rule) => matchOf(rule, protocol) !== undefined && coversPort(rule, piece.first), [4, 6]);
        const previous = intervals.at(-1);
        if (previous && sameAccess(previous.access, access)) previous.last = piece.last;
        else intervals.push({ ...piece, access });
    }
    const lines = intervals
        .filter(({ access }) => !sameAccess(access, rest))
        .map(({ first, last, access }): Lines[number] => {
            const everyPort = first === EVERY_PORT.first && last === EVERY_PORT.last;
            return [everyPort ? protocol : `${protocol} ${formatPort({ first, last })}`, formatAccess(access, [4, 6])];
        });
    // Ports that are not known yet can be any of the others; that some rule speaks of them is all that can be said.
    const open = relevant.filter((rule) => rule.to.ports?.unknown);
    if (open.some(({ action }) => action !== "accept")) return [[protocol, "(not analysed)"]];
    if (open.length === 0) return lines;
    const opened = ask((rule) => open.includes(rule) || forEveryProtocol(rule), [4, 6]);
    return [...lines, [`${protocol} ${NOT_KNOWN_YET}`, formatAccess(opened, [4, 6])]];
}

function coversPort(rule: Rule, port: number): boolean {
    const { ports } = rule.to;
    return ports === undefined || ports.ranges.some(({ first, last }) => first <= port && port <= last);
}
