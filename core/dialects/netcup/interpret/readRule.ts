import { type Constraint, oneValue, whereAll } from "../../../analysis/constraints";
import type { Diagram, Diagrams } from "../../../analysis/diagram";
import { orElse } from "../../../analysis/operations";
import { LEVEL } from "../../../analysis/packetFields";
import { type AddressRange, BITS, type Family, mergeRanges, prefixToRange } from "../../../model/addresses";
import { parseAddressRange } from "../../../model/parseAddress";
import { UnreadableRuleset } from "../../unreadable";
import type { FirewallRule } from "../rule";

/** By IANA's numbers; ICMP is IPv4's alone and ICMPv6 is IPv6's. */
const PROTOCOLS: Readonly<Record<string, { readonly number: number; readonly families: readonly Family[] }>> = {
    TCP: { number: 6, families: [4, 6] },
    UDP: { number: 17, families: [4, 6] },
    ICMP: { number: 1, families: [4] },
    ICMPv6: { number: 58, families: [6] },
};

/**
 * 1 for the packets that a stored rule matches.
 *
 * @throws UnreadableRuleset for words that the API has not.
 */
export function packetsOf(diagrams: Diagrams, rule: FirewallRule): Diagram {
    const protocol = Object.hasOwn(PROTOCOLS, rule.protocol) ? PROTOCOLS[rule.protocol] : undefined;
    if (!protocol) throw new UnreadableRuleset(`there is no protocol ${JSON.stringify(rule.protocol)}`);
    if (protocol.number !== 6 && protocol.number !== 17 && (rule.sourcePorts ?? rule.destinationPorts ?? "") !== "")
        throw new UnreadableRuleset(`${rule.protocol} has no ports`);
    const [source, destination] =
        rule.direction === "INGRESS" ? ([LEVEL.far, LEVEL.own] as const) : ([LEVEL.own, LEVEL.far] as const);
    const always = [
        oneValue(LEVEL.protocol, protocol.number),
        ...ports(LEVEL.sourcePort, rule.sourcePorts),
        ...ports(LEVEL.destinationPort, rule.destinationPorts),
    ];
    const sources = ranges(rule.sources);
    const destinations = ranges(rule.destinations);
    return protocol.families
        .map((family) => {
            const constraints = [
                ...always,
                oneValue(LEVEL.family, family === 4 ? 0 : 1),
                ...addresses(source, family, sources),
                ...addresses(destination, family, destinations),
            ];
            return whereAll(diagrams, constraints, 1);
        })
        .reduce((a, b) => diagrams.combine(orElse, a, b), 0);
}

/** Port 0 goes with port 1, as everywhere. */
function ports(level: number, text: string | null | undefined): Constraint[] {
    if (text === undefined || text === null) return [];
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first <= last && last <= 65535))
        throw new UnreadableRuleset(`${JSON.stringify(text)} is no port and no range`);
    return [{ kind: "values", level, intervals: [{ first: first === 1 ? 0 : first, last }] }];
}

/** Undefined: anybody. */
function ranges(list: readonly string[] | null | undefined): AddressRange[] | undefined {
    return list && list.length > 0 ? mergeRanges(list.map(rangeOf)) : undefined;
}

/** Bits behind the length of a network say nothing. */
function rangeOf(text: string): AddressRange {
    const [host = "", length, ...more] = text.split("/");
    const parsed = host.includes("-") || more.length > 0 ? undefined : parseAddressRange(host);
    if (!parsed || "problem" in parsed) throw new UnreadableRuleset(`${JSON.stringify(text)} is no address`);
    const { family, first } = parsed.range;
    if (length === undefined) return parsed.range;
    const bits = Number(length);
    if (!/^\d{1,3}$/.test(length) || bits > BITS[family])
        throw new UnreadableRuleset(`${JSON.stringify(text)} is no network`);
    const free = BigInt(BITS[family] - bits);
    return prefixToRange({ family, address: (first >> free) << free, length: bits });
}

function addresses(
    level: typeof LEVEL.own | typeof LEVEL.far,
    family: Family,
    list: readonly AddressRange[] | undefined,
): Constraint[] {
    if (!list) return [];
    return [{ kind: "addresses", level, family, ranges: list.filter((range) => range.family === family) }];
}
