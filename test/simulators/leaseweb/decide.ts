import ipaddr from "ipaddr.js";
import type { CloudState, SimulatedRule } from "./state";

/** A packet as the network in front of an instance sees it. */
export interface SeenPacket {
    readonly direction: "in" | "out";
    readonly source: string;
    readonly protocol: "tcp" | "udp" | "icmp" | "icmpv6" | number;
    readonly destinationPort?: number;
    readonly icmpType?: number;
    readonly icmpCode?: number;
    /** It belongs to a connection that was let through. */
    readonly isReply: boolean;
}

/**
 * What Leaseweb does with packets of an instance, from the stored rules of its groups alone: what leaves passes, replies pass
 * (not published), of the rest what a rule of any group allows. Rules on their way in allow nothing yet, those on their way out
 * still do.
 */
export function openInstance(state: CloudState, instance: string): (packet: SeenPacket) => "passes" | "dropped" {
    const own = state.instances.find(({ id }) => id === instance)!.groups;
    const inForce = state.groups
        .filter(({ id }) => own.includes(id))
        .flatMap(({ rules }) => rules)
        .filter((rule) => rule.state === "ACTIVE" || rule.state === "DELETING")
        .map(allows);
    return (packet) => {
        if (packet.direction === "out" || packet.isReply) return "passes";
        return inForce.some((allowed) => allowed(packet)) ? "passes" : "dropped";
    };
}

function allows({ protocol, source = "0.0.0.0/0", startPort, endPort, icmpType, icmpCode }: SimulatedRule) {
    const [network, length] = ipaddr.parseCIDR(source.includes("/") ? source : `${source}/32`);
    const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
    const number = (bytes: readonly number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    const wanted = (number(network.toByteArray()) & mask) >>> 0;
    return (packet: SeenPacket): boolean => {
        if (packet.protocol !== protocol.toLowerCase() || packet.source.includes(":")) return false;
        const from = number(packet.source.split(".").map(Number));
        if ((from & mask) >>> 0 !== wanted) return false;
        if (protocol !== "ICMP") return startPort! <= packet.destinationPort! && packet.destinationPort! <= endPort!;
        const isType = icmpType === -1 || icmpType === packet.icmpType;
        return isType && (icmpCode === -1 || icmpCode === packet.icmpCode);
    };
}
