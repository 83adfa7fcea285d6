/** Words of nft for numbers, as its listings and its users say them. Written apart from those that the renderer uses. */
export type Names = Readonly<Record<string, number>>;

export const PROTOCOLS: Names = {
    ...{ icmp: 1, igmp: 2, ipencap: 4, tcp: 6, udp: 17, dccp: 33, ipv6: 41, gre: 47, esp: 50, ah: 51 },
    ...{ icmpv6: 58, "ipv6-icmp": 58, ospf: 89, pim: 103, comp: 108, ipcomp: 108, vrrp: 112, sctp: 132, udplite: 136 },
};

export const ICMP_TYPES: Names = {
    ...{ "echo-reply": 0, "destination-unreachable": 3, "source-quench": 4, redirect: 5, "echo-request": 8 },
    ...{ "router-advertisement": 9, "router-solicitation": 10, "time-exceeded": 11, "parameter-problem": 12 },
    ...{ "timestamp-request": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16 },
    ...{ "address-mask-request": 17, "address-mask-reply": 18 },
};

export const ICMPV6_TYPES: Names = {
    ...{ "destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4 },
    ...{ "echo-request": 128, "echo-reply": 129, "mld-listener-query": 130, "mld-listener-report": 131 },
    ...{ "mld-listener-done": 132, "mld-listener-reduction": 132, "nd-router-solicit": 133, "nd-router-advert": 134 },
    ...{ "nd-neighbor-solicit": 135, "nd-neighbor-advert": 136, "nd-redirect": 137, "router-renumbering": 138 },
    ...{ "ind-neighbor-solicit": 141, "ind-neighbor-advert": 142, "mld2-listener-report": 143 },
};

export const ICMP_CODES: Names = {
    ...{ "net-unreachable": 0, "host-unreachable": 1, "prot-unreachable": 2, "port-unreachable": 3, "frag-needed": 4 },
    ...{ "net-prohibited": 9, "host-prohibited": 10, "admin-prohibited": 13 },
};

export const ICMPV6_CODES: Names = {
    ...{ "no-route": 0, "admin-prohibited": 1, "addr-unreachable": 3, "port-unreachable": 4 },
    ...{ "policy-fail": 5, "reject-route": 6 },
};

export const PORTS: Names = {
    ...{ ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, bootps: 67, bootpc: 68, http: 80, pop3: 110, ntp: 123 },
    ...{ imap2: 143, snmp: 161, https: 443, "dhcpv6-client": 546, "dhcpv6-server": 547, mdns: 5353 },
};

export const TCP_FLAG_BITS: Names = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 };
export const STATE_BITS: Names = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };
export const FAMILY_NUMBERS: Names = { ipv4: 2, ipv6: 10 };
export const ETHER_TYPES: Names = { ip: 0x0800, ip6: 0x86dd, arp: 0x0806, vlan: 0x8100 };

/** A number by its word, or as it is: decimal or hexadecimal. */
export function numberOf(word: string, names: Names): number | undefined {
    if (Object.hasOwn(names, word)) return names[word];
    return /^(\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(word) ? Number(word) : undefined;
}
