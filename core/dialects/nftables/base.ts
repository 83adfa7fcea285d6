const ICMP_ERRORS = "destination-unreachable, time-exceeded, parameter-problem";
const ICMPV6_ERRORS = "destination-unreachable, packet-too-big, time-exceeded, parameter-problem";
const NEIGHBOUR_DISCOVERY = "nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert";
const LISTENER_DISCOVERY = "mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report";

const common = [
    ["ct state related icmp type", `{ ${ICMP_ERRORS} }`, "icmp-errors"],
    ["ct state related icmpv6 type", `{ ${ICMPV6_ERRORS} }`, "icmp-errors"],
    ["icmpv6 type", `{ ${NEIGHBOUR_DISCOVERY} } ip6 hoplimit 255`, "neighbour-discovery"],
    ["icmpv6 type", `{ ${LISTENER_DISCOVERY} }`, "multicast-listener-discovery"],
] as const;

/** Of what is forwarded: replies, and errors about connections that are open. */
export function renderForwardBase(): string[] {
    return [["ct state", "established", "replies"] as const, ...common.slice(0, 2)].map(
        ([field, values, name]) => `${field} ${values} accept comment "base:${name}"`,
    );
}

/** The base rules of one chain, the ones that decide most packets first. */
export function renderBase(chain: "input" | "output"): string[] {
    const arriving = chain === "input";
    const rules = [
        [arriving ? "iif" : "oif", '"lo"', "loopback"],
        ["ct state", "established", "replies"],
        ...common,
        // Link-local on both sides of DHCPv6: the client asks from such an address and is answered from one.
        ["meta nfproto ipv4 udp", arriving ? "sport 67 udp dport 68" : "sport 68 udp dport 67", "dhcp-client"],
        ["ip6 saddr fe80::/10 udp", arriving ? "sport 547 udp dport 546" : "sport 546 udp dport 547", "dhcp-client"],
    ] as const;
    return rules.map(([field, values, name]) => `${field} ${values} accept comment "base:${name}"`);
}
