import type { Interval } from "../../../analysis/constraints";
import type { AddressRange } from "../../../model/addresses";
import { parseAddressRange } from "../../../model/parseAddress";

export { protocolNumber as protocolOf } from "../protocolNumbers";

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

/** `192.0.2.0/24`, `192.0.2.3-192.0.2.9`, `::1.2.3.4/128`: addresses of IPv6 may end in one of IPv4. */
export function addressesOf(text: string): AddressRange | undefined {
    const plain = text.replace(/(:)(\d+)\.(\d+)\.(\d+)\.(\d+)/g, (_, colon: string, ...bytes: string[]) => {
        const [a, b, c, d] = bytes.slice(0, 4).map((byte) => numberOf(byte, 255)?.toString(16).padStart(2, "0"));
        return `${colon}${a}${b}:${c}${d}`;
    });
    const parsed = parseAddressRange(plain);
    return "problem" in parsed ? undefined : parsed.range;
}
