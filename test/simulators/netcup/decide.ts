import ipaddr from "ipaddr.js";
import { implicitRule } from "./rules";
import type { PanelState, SimulatedNic, SimulatedRule } from "./state";

/** A packet at an interface, its addresses and ports as text and numbers. */
export interface SimulatedPacket {
    readonly direction: "INGRESS" | "EGRESS";
    readonly source: string;
    readonly destination: string;
    /** IANA number. */
    readonly protocol: number;
    readonly sourcePort?: number | undefined;
    readonly destinationPort?: number | undefined;
    /** It belongs to a TCP connection that the server opened. */
    readonly isOfOwnConnection?: boolean;
}

/**
 * What an interface does with packets, from nothing but what the simulated panel stores for it, as the vendor's page says: replies
 * to TCP connections of the server pass; then the rules of netcup's own policies and of the account's, in order, the first that
 * matches decides; then the implicit rule. That netcup's own come first is a choice: nobody published it.
 */
export function openTraffic(state: PanelState, nic: SimulatedNic): (packet: SimulatedPacket) => "ACCEPT" | "DROP" {
    const { firewall } = nic;
    if (!firewall?.active) return () => "ACCEPT";
    const own = firewall.user.flatMap((id) => state.policies.filter((policy) => policy.id === id));
    const rules = [...firewall.copied, ...own].flatMap((policy) => policy.rules);
    const tests = rules.map((rule) => ({ rule, matches: matcher(rule) }));
    const implicit = {
        INGRESS: implicitRule("INGRESS", true, own),
        EGRESS: implicitRule("EGRESS", true, own),
    };
    return (packet) => {
        if (packet.isOfOwnConnection) return "ACCEPT";
        const deciding = tests.find(({ matches }) => matches(packet));
        return deciding?.rule.action ?? (implicit[packet.direction] === "DROP_ALL" ? "DROP" : "ACCEPT");
    };
}

const NUMBERS = { TCP: [6, undefined], UDP: [17, undefined], ICMP: [1, "ipv4"], ICMPv6: [58, "ipv6"] } as const;

function matcher(rule: SimulatedRule): (packet: SimulatedPacket) => boolean {
    const [number, kind] = NUMBERS[rule.protocol];
    const sources = (rule.sources ?? []).map(network);
    const destinations = (rule.destinations ?? []).map(network);
    return ({ direction, protocol, source, destination, sourcePort, destinationPort }) => {
        if (direction !== rule.direction || protocol !== number) return false;
        const from = ipaddr.parse(source);
        if (kind !== undefined && from.kind() !== kind) return false;
        const isIn = (address: ReturnType<typeof ipaddr.parse>, networks: readonly Network[]) =>
            networks.length === 0 ||
            networks.some(([base, length]) => base.kind() === address.kind() && address.match(base, length));
        return (
            holds(rule.sourcePorts, sourcePort) &&
            holds(rule.destinationPorts, destinationPort) &&
            isIn(from, sources) &&
            isIn(ipaddr.parse(destination), destinations)
        );
    };
}

type Network = readonly [ReturnType<typeof ipaddr.parse>, number];

function network(text: string): Network {
    if (text.includes("/")) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === "ipv4" ? 32 : 128];
}

function holds(ports: string | null | undefined, port: number | undefined): boolean {
    if (ports === null || ports === undefined) return true;
    const [first, last = first] = ports.split("-").map(Number);
    return port !== undefined && first! <= port && port <= last!;
}
