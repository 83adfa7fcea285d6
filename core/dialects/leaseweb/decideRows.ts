import type { Packet } from "../../analysis/decide";
import { inNetwork } from "../inNetwork";
import { type UpstreamBlock, upstreamBlocks } from "../../model/upstreamBlocks";
import type { VpsFirewall } from "./rows";
import type { SecurityGroupRule } from "./securityGroupRules";

/** What becomes of one packet, and by what. */
export interface RowDecision {
    readonly verdict: "accept" | "drop";
    /** The place of the row in its list, or why none was asked. */
    readonly by: number | "off" | "outbound" | "reply" | "no row" | `upstream: ${string}`;
}

/**
 * The firewall of a VPS, packet by packet, as one who stands at the network's edge with the list of rows in hand. It reads
 * nothing but rows and shares no code with `interpret`, with which it is compared. `upstream`: what the provider blocks in its
 * whole network, in and out, on or off.
 */
export function openVps(
    { enabled, rows }: VpsFirewall,
    upstream: UpstreamBlock = upstreamBlocks.leaseweb,
): (packet: Packet) => RowDecision {
    if (!enabled) return (packet) => blockedUpstream(upstream, packet) ?? { verdict: "accept", by: "off" };
    return openRows(
        rows.map(({ protocol, source, startPort = -1, endPort = startPort }) => {
            const isFrom = inNetwork(source);
            return (packet) =>
                isOf(protocol, packet) &&
                isFrom(packet.family, packet.source) &&
                (protocol === "ICMP" || (startPort <= packet.destinationPort! && packet.destinationPort! <= endPort));
        }),
        upstream,
    );
}

/** The same for an instance in a security group. */
export function openSecurityGroup(
    rules: readonly SecurityGroupRule[],
    upstream: UpstreamBlock = upstreamBlocks.leaseweb,
): (packet: Packet) => RowDecision {
    return openRows(
        rules.map(({ protocol, source, startPort, endPort, icmpType, icmpCode }) => {
            const isFrom = inNetwork(source);
            return (packet) => {
                if (!isOf(protocol, packet) || !isFrom(packet.family, packet.source)) return false;
                const { destinationPort = 0, icmpType: type, icmpCode: code = 0 } = packet;
                if (protocol !== "ICMP") return startPort! <= destinationPort && destinationPort <= endPort!;
                return (icmpType === -1 || icmpType === type) && (icmpCode === -1 || icmpCode === code);
            };
        }),
        upstream,
    );
}

function openRows(
    rows: readonly ((packet: Packet) => boolean)[],
    upstream: UpstreamBlock,
): (packet: Packet) => RowDecision {
    return (packet) => {
        const blocked = blockedUpstream(upstream, packet);
        if (blocked) return blocked;
        if (packet.direction === "egress") return { verdict: "accept", by: "outbound" };
        if (packet.state === "established" && ["TCP", "UDP", "ICMP"].some((protocol) => isOf(protocol, packet)))
            return { verdict: "accept", by: "reply" };
        const row = rows.findIndex((allows) => allows(packet));
        return row < 0 ? { verdict: "drop", by: "no row" } : { verdict: "accept", by: row };
    };
}

function blockedUpstream({ provider, blocked }: UpstreamBlock, packet: Packet): RowDecision | undefined {
    const { destinationPort: port } = packet;
    const isBlocked = blocked.some(
        ({ protocol, ports: { first, last } }) =>
            isOf(protocol.toUpperCase(), packet) && port !== undefined && first <= port && port <= last,
    );
    return isBlocked ? { verdict: "drop", by: `upstream: ${provider}` } : undefined;
}

function isOf(protocol: string, { protocol: number, family }: Packet): boolean {
    switch (protocol) {
        case "TCP":
            return number === 6;
        case "UDP":
            return number === 17;
        default:
            return number === (family === 4 ? 1 : 58);
    }
}
