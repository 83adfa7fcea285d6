import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";

export interface BaseRule {
    readonly match: string;
    readonly name: string;
}

/** The same base as every dialect's, in the words of iptables: the rules that decide most packets first. */
export function renderBase(family: Family, direction: Direction): BaseRule[] {
    const arriving = direction === "ingress";
    return [
        { match: `${arriving ? "-i" : "-o"} lo`, name: "loopback" },
        REPLIES,
        ...(family === 4 ? ipv4(arriving) : ipv6(arriving)),
    ];
}

/** Of what is forwarded: replies, and errors about connections that are open. */
export function renderForwardBase(family: Family): BaseRule[] {
    return [REPLIES, ...(family === 4 ? ICMP_ERRORS : ICMPV6_ERRORS).map((type) => errorOfType(family, type))];
}

const REPLIES: BaseRule = { match: "-m conntrack --ctstate ESTABLISHED", name: "replies" };

function errorOfType(family: Family, type: number): BaseRule {
    const [protocol, option] = family === 4 ? ["icmp", "-m icmp --icmp-type"] : ["ipv6-icmp", "-m icmp6 --icmpv6-type"];
    return { match: `-p ${protocol} -m conntrack --ctstate RELATED ${option} ${type}`, name: "icmp-errors" };
}

function ipv4(arriving: boolean): BaseRule[] {
    const ports = arriving ? "--sport 67 --dport 68" : "--sport 68 --dport 67";
    return [
        ...ICMP_ERRORS.map((type) => errorOfType(4, type)),
        { match: `-p udp -m udp ${ports}`, name: "dhcp-client" },
    ];
}

function ipv6(arriving: boolean): BaseRule[] {
    const ofType = (type: number, more: string, name: string): BaseRule => ({
        match: `-p ipv6-icmp ${more}-m icmp6 --icmpv6-type ${type}`,
        name,
    });
    const ports = arriving ? "--sport 547 --dport 546" : "--sport 546 --dport 547";
    return [
        ...ICMPV6_ERRORS.map((type) => errorOfType(6, type)),
        // No router has handed it on.
        ...NEIGHBOUR_DISCOVERY.map((type) => ofType(type, "-m hl --hl-eq 255 ", "neighbour-discovery")),
        ...LISTENER_DISCOVERY.map((type) => ofType(type, "", "multicast-listener-discovery")),
        // Link-local on both sides of DHCPv6: the client asks from such an address and is answered from one.
        { match: `-s fe80::/10 -p udp -m udp ${ports}`, name: "dhcp-client" },
    ];
}

/** Destination unreachable, time exceeded, parameter problem. */
const ICMP_ERRORS = [3, 11, 12];
/** Destination unreachable, packet too big, time exceeded, parameter problem. */
const ICMPV6_ERRORS = [1, 2, 3, 4];
const NEIGHBOUR_DISCOVERY = [133, 134, 135, 136];
const LISTENER_DISCOVERY = [130, 131, 132, 143];
