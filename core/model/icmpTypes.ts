/** Names of ICMP message types (IANA "ICMP Type Numbers", "ICMPv6 type Numbers"), spelt as nftables spells them. */
const NAMES = {
    icmp: {
        "echo-reply": 0,
        "destination-unreachable": 3,
        "source-quench": 4,
        redirect: 5,
        "echo-request": 8,
        "router-advertisement": 9,
        "router-solicitation": 10,
        "time-exceeded": 11,
        "parameter-problem": 12,
        "timestamp-request": 13,
        "timestamp-reply": 14,
        "info-request": 15,
        "info-reply": 16,
        "address-mask-request": 17,
        "address-mask-reply": 18,
    },
    icmpv6: {
        "destination-unreachable": 1,
        "packet-too-big": 2,
        "time-exceeded": 3,
        "parameter-problem": 4,
        "echo-request": 128,
        "echo-reply": 129,
        "mld-listener-query": 130,
        "mld-listener-report": 131,
        "mld-listener-done": 132,
        "nd-router-solicit": 133,
        "nd-router-advert": 134,
        "nd-neighbor-solicit": 135,
        "nd-neighbor-advert": 136,
        "nd-redirect": 137,
        "router-renumbering": 138,
        "ind-neighbor-solicit": 141,
        "ind-neighbor-advert": 142,
        "mld2-listener-report": 143,
    },
} as const;

export type IcmpProtocol = keyof typeof NAMES;

export function icmpTypeNames(protocol: IcmpProtocol): string[] {
    return Object.keys(NAMES[protocol]);
}

/** The number of a type given by name or number; undefined if there is none. */
export function icmpTypeNumber(protocol: IcmpProtocol, type: string | number): number | undefined {
    const text = String(type);
    if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
    const names: Record<string, number> = NAMES[protocol];
    return Object.hasOwn(names, text) ? names[text] : undefined;
}

/** The name of a type number, or the number itself as text where it has no name. */
export function icmpTypeName(protocol: IcmpProtocol, number: number): string {
    return Object.entries(NAMES[protocol]).find(([, value]) => value === number)?.[0] ?? String(number);
}
