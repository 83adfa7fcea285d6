import type { Interval } from "../../../analysis/constraints";

/** Protocols by the names that hosts have for them; others are numbers. */
const PROTOCOLS: Readonly<Record<string, number>> = {
    ...{ icmp: 1, igmp: 2, ipencap: 4, tcp: 6, udp: 17, dccp: 33, ipv6: 41, gre: 47, esp: 50, ah: 51, skip: 57 },
    ...{ "ipv6-icmp": 58, icmpv6: 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "ipv6-route": 43, "ipv6-frag": 44 },
    ...{ ospf: 89, pim: 103, ipcomp: 108, vrrp: 112, l2tp: 115, sctp: 132, udplite: 136 },
};

export function protocolOf(word: string): number | undefined {
    if (Object.hasOwn(PROTOCOLS, word)) return PROTOCOLS[word];
    const number = numberOf(word, 255);
    return number;
}

export function numberOf(word: string, last: number): number | undefined {
    return /^\d{1,10}$/.test(word) && Number(word) <= last ? Number(word) : undefined;
}

const LAST_PORT = 65535;

/** `22`, `1024:65535`, `:1023`, `1024:`. Port 0 goes with port 1, as everywhere: nobody can name it. */
export function portsOf(word: string): Interval | undefined {
    const [first = "", last = first, ...more] = word.split(":");
    const from = first === "" ? 0 : numberOf(first, LAST_PORT);
    const to = last === "" ? LAST_PORT : numberOf(last, LAST_PORT);
    if (from === undefined || to === undefined || from > to || more.length > 0 || to === 0) return undefined;
    return { first: from <= 1 ? 0 : from, last: to };
}

const FLAGS: Readonly<Record<string, number>> = {
    ...{ FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ALL: 63, NONE: 0 },
};

export function flagsOf(word: string): number | undefined {
    const bits = word.split(",").map((name) => (Object.hasOwn(FLAGS, name) ? FLAGS[name]! : undefined));
    return bits.includes(undefined) ? undefined : bits.reduce<number>((sum, bit) => sum | bit!, 0);
}

/** `3`, `3/4`: a message of ICMP. */
export function messageOf(word: string): { type: number; code?: number } | undefined {
    const [type, code, ...more] = word.split("/");
    const [first, second] = [numberOf(type ?? "", 255), code === undefined ? undefined : numberOf(code, 255)];
    if (first === undefined || more.length > 0 || (code !== undefined && second === undefined)) return undefined;
    return { type: first, ...(second !== undefined && { code: second }) };
}

/** The units as the programs print them. */
const UNITS: Readonly<Record<string, string>> = {
    ...{ s: "second", sec: "second", second: "second", m: "minute", min: "minute", minute: "minute" },
    ...{ h: "hour", hour: "hour", d: "day", day: "day" },
};

/** `10/min` -> `10/minute`. */
export function rateOf(word: string): string | undefined {
    const [rate = "", unit = "", ...more] = word.split("/");
    if (!/^\d+$/.test(rate) || !Object.hasOwn(UNITS, unit) || more.length > 0) return undefined;
    return `${rate}/${UNITS[unit]}`;
}
