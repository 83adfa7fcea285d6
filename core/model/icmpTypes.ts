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

/** Names of the codes of some types (IANA "ICMP Type Numbers", "ICMPv6 Code Fields"). */
const CODES: Readonly<Record<IcmpProtocol, Readonly<Record<number, Readonly<Record<string, number>>>>>> = {
    icmp: {
        3: {
            "net-unreachable": 0,
            "host-unreachable": 1,
            "protocol-unreachable": 2,
            "port-unreachable": 3,
            "fragmentation-needed": 4,
            "source-route-failed": 5,
            "net-prohibited": 9,
            "host-prohibited": 10,
            "admin-prohibited": 13,
        },
        5: { "net-redirect": 0, "host-redirect": 1 },
        11: { "ttl-exceeded": 0, "reassembly-exceeded": 1 },
    },
    icmpv6: {
        1: {
            "no-route": 0,
            "admin-prohibited": 1,
            "beyond-scope": 2,
            "address-unreachable": 3,
            "port-unreachable": 4,
            "policy-failed": 5,
            "reject-route": 6,
        },
        3: { "hop-limit-exceeded": 0, "reassembly-exceeded": 1 },
        4: { "erroneous-header": 0, "unknown-next-header": 1, "unknown-option": 2 },
    },
};

/** A type, with one of its codes or with all of them. */
export interface IcmpMessage {
    readonly type: number;
    readonly code?: number;
}

/** Reads `echo-request`, `3`, `destination-unreachable/port-unreachable` or `3/3`; undefined if there is no such message. */
export function icmpMessage(protocol: IcmpProtocol, text: string | number): IcmpMessage | undefined {
    const [typeText = "", codeText, ...more] = String(text).split("/");
    const type = icmpTypeNumber(protocol, typeText);
    if (type === undefined || more.length > 0) return undefined;
    if (codeText === undefined) return { type };
    if (/^\d{1,3}$/.test(codeText)) return Number(codeText) <= 255 ? { type, code: Number(codeText) } : undefined;
    const names = CODES[protocol][type] ?? {};
    return Object.hasOwn(names, codeText) ? { type, code: names[codeText]! } : undefined;
}

/** The words of a message, names where there are some. */
export function icmpMessageName(protocol: IcmpProtocol, { type, code }: IcmpMessage): string {
    const name = icmpTypeName(protocol, type);
    return code === undefined ? name : `${name}/${icmpCodeName(protocol, type, code)}`;
}

function icmpCodeName(protocol: IcmpProtocol, type: number, code: number): string {
    const names = Object.entries(CODES[protocol][type] ?? {});
    return names.find(([, value]) => value === code)?.[0] ?? String(code);
}

/** Every name that a rule may write for a message of the protocol, to propose the nearest. */
export function icmpMessageNames(protocol: IcmpProtocol): string[] {
    return icmpTypeNames(protocol).flatMap((name) => {
        const codes = CODES[protocol][icmpTypeNumber(protocol, name)!] ?? {};
        return [name, ...Object.keys(codes).map((code) => `${name}/${code}`)];
    });
}
