import { spaceOf } from "../../analysis/end";
import type { Family } from "../../model/addresses";
import { formatPort, type PortRange } from "../../model/ports";
import type { KeyedRule, NamedSet } from "../../model/policy";
import type { Direction, PortList, Protocol, ProtocolMatch } from "../../model/rule";
import { CannotExpress } from "../dialect";
import { addressLists, countLists } from "./addressLists";
import { MOST_RULES } from "./count";
import type { FirewallRule } from "./rule";

/** The protocols that netcup has words for, as it spells them. */
export const PROTOCOLS: readonly FirewallRule["protocol"][] = ["TCP", "UDP", "ICMP", "ICMPv6"];

const WORDS: Partial<Record<Protocol, readonly FirewallRule["protocol"][]>> = {
    any: PROTOCOLS,
    tcp: ["TCP"],
    udp: ["UDP"],
    icmp: ["ICMP"],
    icmpv6: ["ICMPv6"],
};

const FAMILIES: Readonly<Record<FirewallRule["protocol"], readonly Family[]>> = {
    TCP: [4, 6],
    UDP: [4, 6],
    ICMP: [4],
    ICMPv6: [6],
};

/**
 * The rules of netcup for one rule: one for each protocol, range of source ports, range of destination ports and pair of
 * address lists, since one of netcup's says one of each. ICMP is all of it, whatever types are said. None where it means
 * nobody.
 *
 * @throws CannotExpress where they would be more than fit.
 */
export function renderRule(
    { key, rule }: KeyedRule,
    sets: readonly NamedSet[],
    description: string = key,
): FirewallRule[] {
    const { direction, action, matches, from, to } = rule;
    const spaces = [spaceOf(from.addresses, sets), spaceOf(to.addresses, sets)] as const;
    const ports = portWords(from.ports).flatMap((source) =>
        portWords(to.ports).map((destination) => ({
            ...(source !== undefined && { sourcePorts: source }),
            ...(destination !== undefined && { destinationPorts: destination }),
        })),
    );
    const protocols = matches.flatMap(protocolWords);
    mustFit(key, spaces, protocols, ports.length);
    return protocols.flatMap((protocol) => {
        const lists = addressLists(...spaces, FAMILIES[protocol]);
        return lists.flatMap(({ sources, destinations }) =>
            ports.map((each): FirewallRule => ({
                direction: DIRECTIONS[direction],
                protocol,
                action: action === "accept" ? "ACCEPT" : "DROP",
                description: description.slice(0, LONGEST_DESCRIPTION),
                sources,
                destinations,
                ...each,
            })),
        );
    });
}

const LONGEST_DESCRIPTION = 255;

export const DIRECTIONS: Readonly<Record<Direction, FirewallRule["direction"]>> = {
    ingress: "INGRESS",
    egress: "EGRESS",
};

function protocolWords({ protocol }: ProtocolMatch): readonly FirewallRule["protocol"][] {
    return WORDS[protocol] ?? [];
}

const LAST_PORT = 65535;

/** One undefined: any port. Port 0 goes with port 1, as everywhere. */
function portWords(ports: PortList | undefined): (string | undefined)[] {
    return ports ? ports.ranges.map(portWord) : [undefined];
}

function portWord(range: PortRange): string | undefined {
    return range.first === 1 && range.last === LAST_PORT ? undefined : formatPort(range);
}

/** Long lists are refused before they are written out. */
function mustFit(
    key: string,
    [from, to]: readonly [Spaces, Spaces],
    protocols: readonly FirewallRule["protocol"][],
    ports: number,
): void {
    const counts = protocols.map((protocol) => ports * countLists(from, to, FAMILIES[protocol], MOST_RULES + 1));
    if (counts.reduce((sum, count) => sum + count, 0) <= MOST_RULES) return;
    const longest = Math.max(from.length, to.length, ports);
    throw new CannotExpress(
        key,
        longest === from.length ? "from" : longest === to.length ? "to" : "ports",
        `it takes more than the ${MOST_RULES} rules that netcup has room for, since each network counts, once for each port ` +
            "range and protocol: name fewer networks or ports, or keep long lists on the host",
    );
}

type Spaces = ReturnType<typeof spaceOf>;

/** How a rule came to be several, in words; undefined where it is one. */
export function whySeveral(rules: readonly FirewallRule[]): string | undefined {
    if (rules.length < 2) return undefined;
    const different = (part: (rule: FirewallRule) => unknown) =>
        new Set(rules.map((each) => String(part(each)))).size > 1;
    const reasons = [
        different(({ protocol }) => protocol) ? "one protocol" : "",
        different(({ sourcePorts }) => sourcePorts) || different(({ destinationPorts }) => destinationPorts)
            ? "one port or range of ports at each end"
            : "",
        different(({ sources }) => sources) || different(({ destinations }) => destinations)
            ? "one list of addresses that faces a single network or anybody"
            : "",
    ];
    const takes = reasons.filter(Boolean).join(", and ");
    return `${rules.length} rules of netcup's, since each takes ${takes}`;
}
