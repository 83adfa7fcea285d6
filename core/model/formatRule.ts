import { formatPrefix, toPrefixes } from "./addresses";
import { formatPorts } from "./ports";
import { formatProtocol } from "./protocols";
import {
    type Addresses,
    type AddressList,
    DEFAULT_PRIORITY,
    type Peer,
    type PortList,
    type ProtocolMatch,
    type Rule,
} from "./rule";
import { formatLimit } from "./ruleOptions";

/** How a value reads that is known only when other resources exist. */
export const NOT_KNOWN_YET = "(not known yet)";

/** How an empty list reads: users can't give one, but a host may hold one. */
export const NOBODY = "nobody";
export const NO_PORT = "none";

/** The canonical line of a rule; `parseRule` reads it back. Its form is in docs/rules.md. */
export function formatRule(rule: Rule): string {
    const words = [rule.direction === "egress" ? "egress" : "", rule.action, formatMatches(rule.matches)];
    if (rule.direction === "ingress" || saysSomething(rule.from)) words.push("from", formatPeer(rule.from));
    if (rule.direction === "egress" || saysSomething(rule.to)) words.push("to", formatPeer(rule.to));
    return [...words, ...formatOptions(rule)].filter((word) => word !== "").join(" ");
}

/** What stands behind who and where, each only where it is said. */
function formatOptions(rule: Rule): string[] {
    const { direction, interfaces, states, flags, limit, log, answer, priority, expires, enabled } = rule;
    return [
        interfaces ? `${direction === "ingress" ? "in" : "out"} ${interfaces.join(", ")}` : "",
        states ? `state ${states.join(", ")}` : "",
        flags ? `flags ${flags.join(", ")}` : "",
        limit ? `limit ${formatLimit(limit)}` : "",
        log
            ? ["log", log.prefix === undefined ? "" : `prefix ${JSON.stringify(log.prefix)}`].filter(Boolean).join(" ")
            : "",
        answer ? `with ${answer}` : "",
        priority === DEFAULT_PRIORITY ? "" : `priority ${priority}`,
        expires === undefined ? "" : `expires ${expires}`,
        enabled ? "" : "disabled",
    ];
}

/** `tcp + udp`, `icmp echo-request`. */
export function formatMatches(matches: readonly ProtocolMatch[]): string {
    return matches
        .map(({ protocol, types }) => [formatProtocol(protocol), types?.join(", ") ?? ""].filter(Boolean).join(" "))
        .join(" + ");
}

function saysSomething({ addresses, ports }: Peer): boolean {
    return ports !== undefined || !isAnywhere(addresses);
}

function formatPeer({ addresses, ports }: Peer): string {
    if (ports === undefined) return formatAddresses(addresses);
    return `${isAnywhere(addresses) ? "" : `${formatAddresses(addresses)} `}port ${formatPortList(ports)}`;
}

export function formatPortList({ ranges, unknown }: PortList): string {
    return [formatPorts(ranges), unknown ? NOT_KNOWN_YET : ""].filter(Boolean).join(", ") || NO_PORT;
}

function isAnywhere(addresses: Addresses): boolean {
    return addresses.kind === "anywhere" && addresses.family === undefined && !addresses.except;
}

function formatAddresses(addresses: Addresses): string {
    const { except } = addresses;
    return [formatKind(addresses), ...(except ? ["except", formatList(except)] : [])].join(" ");
}

function formatKind(addresses: Addresses): string {
    if (addresses.kind === "anywhere") return addresses.family ? `anywhere IPv${addresses.family}` : "anywhere";
    return formatList(addresses);
}

function formatList({ ranges, sets, unknown }: AddressList): string {
    const items = toPrefixes(ranges).map(formatPrefix);
    for (const { name, count, digest } of sets)
        items.push(`set ${name}${count === undefined ? "" : ` (${count}, ${digest})`}`);
    if (unknown) items.push(NOT_KNOWN_YET);
    return items.join(", ") || NOBODY;
}
