import type { Packet } from "../../analysis/decide";
import { inNetwork } from "../inNetwork";
import type { AttachedPolicy, FirewallRule, PanelReading } from "./rule";

/** What an interface does with one packet. */
export interface PanelDecision {
    readonly verdict: "accept" | "drop";
    /** `connection tracking`, the policy and the place of the rule in it (`web 3`, from 1), or `implicit rule`. */
    readonly by: string;
}

/**
 * What the panel does with one packet, read from the stored policies alone, rule by rule as its page says. A reply of an open
 * TCP connection is a packet in state `established`; whether the connection was accepted is not asked.
 */
export function decidePacket(
    policies: readonly AttachedPolicy[],
    packet: Packet,
    reading: PanelReading,
): PanelDecision {
    return openDecider(policies, reading)(packet);
}

/** The same for many packets: addresses and ports are read once. */
export function openDecider(
    policies: readonly AttachedPolicy[],
    reading: PanelReading,
): (packet: Packet) => PanelDecision {
    const { tracksIncoming, copiedFirst } = reading;
    const implicit = implicitRules(policies, reading);
    const ranked = [...policies].sort((a, b) => (a.copied === b.copied ? 0 : a.copied === copiedFirst ? -1 : 1));
    const entries = ranked.flatMap(({ name, rules }) =>
        rules.map((rule, index) => ({ rule, by: `${name} ${index + 1}`, matches: matcherOf(rule) })),
    );
    return (packet) => {
        const side = packet.direction === "ingress" ? "INGRESS" : "EGRESS";
        const isTracked = side === "INGRESS" || tracksIncoming;
        if (isTracked && packet.protocol === 6 && packet.state === "established")
            return { verdict: "accept", by: "connection tracking" };
        for (const { rule, by, matches } of entries)
            if (rule.direction === side && matches(packet))
                return { verdict: rule.action === "ACCEPT" ? "accept" : "drop", by };
        return { verdict: implicit[side] === "DROP_ALL" ? "drop" : "accept", by: "implicit rule" };
    };
}

/** What the panel answers as `ingressImplicitRule` and `egressImplicitRule`. */
export function implicitRules(
    policies: readonly AttachedPolicy[],
    { dropsFlip }: PanelReading,
): Readonly<Record<FirewallRule["direction"], "ACCEPT_ALL" | "DROP_ALL">> {
    const found: Record<FirewallRule["direction"], "ACCEPT_ALL" | "DROP_ALL"> = {
        INGRESS: "ACCEPT_ALL",
        EGRESS: "ACCEPT_ALL",
    };
    for (const { copied, rules } of policies)
        for (const { direction, action } of rules)
            if (!copied && (action === "ACCEPT" || dropsFlip)) found[direction] = "DROP_ALL";
    return found;
}

type Matcher = (packet: Packet) => boolean;

function matcherOf(rule: FirewallRule): Matcher {
    const isFrom = addressTest(rule.sources);
    const isTo = addressTest(rule.destinations);
    const leaves = portTest(rule.sourcePorts);
    const arrives = portTest(rule.destinationPorts);
    return (packet) =>
        isOf(rule.protocol, packet) &&
        leaves(packet.sourcePort) &&
        arrives(packet.destinationPort) &&
        isFrom(packet.family, packet.source) &&
        isTo(packet.family, packet.destination);
}

function isOf(protocol: FirewallRule["protocol"], packet: Packet): boolean {
    switch (protocol) {
        case "TCP":
            return packet.protocol === 6;
        case "UDP":
            return packet.protocol === 17;
        case "ICMP":
            return packet.protocol === 1 && packet.family === 4;
        case "ICMPv6":
            return packet.protocol === 58 && packet.family === 6;
    }
}

function portTest(text: string | null | undefined): (port: number | undefined) => boolean {
    if (text === undefined || text === null) return () => true;
    const dash = text.indexOf("-");
    const first = parseInt(dash < 0 ? text : text.slice(0, dash), 10);
    const last = dash < 0 ? first : parseInt(text.slice(dash + 1), 10);
    return (port) => port !== undefined && port >= first && port <= last;
}

/** An empty list is anybody. */
function addressTest(list: readonly string[] | null | undefined): (family: 4 | 6, address: bigint) => boolean {
    if (!list?.length) return () => true;
    const networks = list.map(inNetwork);
    return (family, address) => networks.some((holds) => holds(family, address));
}
