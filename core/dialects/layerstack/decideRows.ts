import type { Packet } from "../../analysis/decide";
import { inNetwork } from "../inNetwork";
import type { LayerStackRow, LayerStackTemplate } from "./rows";

/** What becomes of one packet, and by what. */
export interface RowDecision {
    readonly verdict: "accept" | "drop";
    /** The places of the template and of the row in its list, or why none was asked. */
    readonly by: { readonly template: number; readonly row: number } | "no template" | "reply" | "no row";
}

/**
 * The templates of a server, packet by packet, as one who stands before the server with their lists in hand. It reads nothing
 * but rows and shares no code with `interpret`, with which it is compared.
 */
export function openTemplates(templates: readonly LayerStackTemplate[]): (packet: Packet) => RowDecision {
    if (templates.length === 0) return () => ({ verdict: "accept", by: "no template" });
    const lists = templates.map(({ inbound, outbound }) => ({
        ingress: inbound.map((row) => allowedBy(row, (packet) => packet.source)),
        egress: outbound.map((row) => allowedBy(row, (packet) => packet.destination)),
    }));
    return (packet) => {
        if (packet.state === "established" && nameOf(packet) !== undefined) return { verdict: "accept", by: "reply" };
        for (const [template, list] of lists.entries()) {
            const row = list[packet.direction].findIndex((allows) => allows(packet));
            if (row >= 0) return { verdict: "accept", by: { template, row } };
        }
        return { verdict: "drop", by: "no row" };
    };
}

/** The protocol as the panel calls it; undefined: it has no name there. */
function nameOf({ protocol, family }: Packet): string | undefined {
    if (protocol === 6) return "TCP";
    if (protocol === 17) return "UDP";
    return protocol === (family === 4 ? 1 : 58) ? "ICMP" : undefined;
}

function allowedBy({ traffic, address }: LayerStackRow, endOf: (packet: Packet) => bigint) {
    const isThere = address === undefined ? () => true : inNetwork(address);
    const [protocol, ports] = traffic.split(":").map((word) => word.trim());
    const [first = 0, last = first] =
        ports === undefined || ports === "ALL" ? [0, 65535] : ports.split("-").map(Number);
    return (packet: Packet) => {
        const name = nameOf(packet);
        const { destinationPort = 0, family } = packet;
        return (
            name !== undefined &&
            (protocol === "ALL" || protocol === name) &&
            first <= destinationPort &&
            destinationPort <= last &&
            isThere(family, endOf(packet))
        );
    };
}
