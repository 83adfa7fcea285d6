import { formatPrefix, toPrefixes } from "./addresses";
import { formatPorts } from "./ports";
import { formatProtocol } from "./protocols";
import { type Addresses, DEFAULT_PRIORITY, type Peer, type PortList, type ProtocolMatch, type Rule } from "./rule";

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
    if (rule.priority !== DEFAULT_PRIORITY) words.push(`priority ${rule.priority}`);
    if (!rule.enabled) words.push("disabled");
    return words.filter(Boolean).join(" ");
}

/** `tcp + udp`, `icmp echo-request`. */
export function formatMatches(matches: readonly ProtocolMatch[]): string {
    return matches
        .map(({ protocol, types }) => [formatProtocol(protocol), types?.join(", ") ?? ""].filter(Boolean).join(" "))
        .join(" + ");
}

function saysSomething({ addresses, ports }: Peer): boolean {
    return ports !== undefined || addresses.kind !== "anywhere" || addresses.family !== undefined;
}

function formatPeer({ addresses, ports }: Peer): string {
    if (ports === undefined) return formatAddresses(addresses);
    const everywhere = addresses.kind === "anywhere" && addresses.family === undefined;
    return `${everywhere ? "" : `${formatAddresses(addresses)} `}port ${formatPortList(ports)}`;
}

export function formatPortList({ ranges, unknown }: PortList): string {
    return [formatPorts(ranges), unknown ? NOT_KNOWN_YET : ""].filter(Boolean).join(", ") || NO_PORT;
}

function formatAddresses(addresses: Addresses): string {
    if (addresses.kind === "anywhere") return addresses.family ? `anywhere IPv${addresses.family}` : "anywhere";
    const items = toPrefixes(addresses.ranges).map(formatPrefix);
    for (const { name, count, digest } of addresses.sets)
        items.push(`set ${name}${count === undefined ? "" : ` (${count}, ${digest})`}`);
    if (addresses.unknown) items.push(NOT_KNOWN_YET);
    return items.join(", ") || NOBODY;
}
