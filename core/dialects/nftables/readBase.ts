import type { Direction } from "../../model/rule";
import { describe } from "./describe";
import type { NftRule } from "./listing";

const ICMP_ERRORS = "{ destination-unreachable, parameter-problem, time-exceeded }";
const ICMPV6_ERRORS = "{ destination-unreachable, packet-too-big, parameter-problem, time-exceeded }";
const NEIGHBOUR_DISCOVERY = "{ nd-neighbor-advert, nd-neighbor-solicit, nd-router-advert, nd-router-solicit }";
const LISTENER_DISCOVERY = "{ mld-listener-done, mld-listener-query, mld-listener-report, mld2-listener-report }";

const BOTH = [
    { comment: "base:replies", text: "ct state established accept" },
    { comment: "base:icmp-errors", text: `ct state related icmp type ${ICMP_ERRORS} accept` },
    { comment: "base:icmp-errors", text: `ct state related icmpv6 type ${ICMPV6_ERRORS} accept` },
    { comment: "base:neighbour-discovery", text: `icmpv6 type ${NEIGHBOUR_DISCOVERY} ip6 hoplimit 255 accept` },
    { comment: "base:multicast-listener-discovery", text: `icmpv6 type ${LISTENER_DISCOVERY} accept` },
];

/** What the rules of the base must read as. Written apart from the text that makes them, so that each checks the other. */
const EXPECTED = {
    ingress: [
        { comment: "base:loopback", text: "meta iif lo accept" },
        ...BOTH,
        { comment: "base:dhcp-client", text: "meta nfproto ipv4 udp sport 67 udp dport 68 accept" },
        { comment: "base:dhcp-client", text: "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept" },
    ],
    egress: [
        { comment: "base:loopback", text: "meta oif lo accept" },
        ...BOTH,
        { comment: "base:dhcp-client", text: "meta nfproto ipv4 udp sport 68 udp dport 67 accept" },
        { comment: "base:dhcp-client", text: "ip6 saddr fe80::/10 udp sport 546 udp dport 547 accept" },
    ],
};

export interface BaseReading {
    readonly rules: ReadonlySet<NftRule>;
    /** What is missing, in words. */
    readonly missing: readonly string[];
}

/** Finds the rules of the base. One that is altered, doubled or stands behind `limit` is none of them. */
export function readBase(rules: readonly NftRule[], direction: Direction, limit: number): BaseReading {
    const found = new Set<NftRule>();
    const missing: string[] = [];
    for (const { comment, text } of EXPECTED[direction]) {
        const rule = rules
            .slice(0, limit)
            .find((candidate) => candidate.comment === comment && describe(candidate) === text);
        if (rule) found.add(rule);
        else missing.push(`${direction} ${comment.slice("base:".length)} is missing or altered`);
    }
    return { rules: found, missing };
}
