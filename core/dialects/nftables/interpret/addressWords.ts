import { type AddressRange, BITS, type Family, prefixToRange } from "../../../model/addresses";
import type { Value } from "./ast";

/** The addresses of a value; undefined if it is none of this family. */
export function addressesOf(value: Value, family: Family): AddressRange | undefined {
    switch (value.kind) {
        case "word": {
            const address = addressOf(value.word, family);
            return address === undefined ? undefined : { family, first: address, last: address };
        }
        case "range": {
            const [first, last] = [addressOf(value.first, family), addressOf(value.last, family)];
            return first === undefined || last === undefined || first > last ? undefined : { family, first, last };
        }
        case "prefix": {
            const address = addressOf(value.address, family);
            const { length } = value;
            if (address === undefined || !Number.isInteger(length) || length < 0 || length > BITS[family])
                return undefined;
            const free = BigInt(BITS[family] - length);
            return prefixToRange({ family, address: (address >> free) << free, length });
        }
        default:
            return undefined;
    }
}

export function addressOf(word: string, family: Family): bigint | undefined {
    return family === 4 ? ipv4(word) : ipv6(word);
}

function ipv4(word: string): bigint | undefined {
    const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(word);
    if (!parts) return undefined;
    const bytes = parts.slice(1).map(Number);
    return bytes.every((byte) => byte <= 255) ? BigInt(bytes.reduce((sum, byte) => sum * 256 + byte, 0)) : undefined;
}

/** Groups of an address, and digits of a group. */
const GROUPS = 8;
const DIGITS = 4;

function ipv6(word: string): bigint | undefined {
    const tail = word.includes(".") ? /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(word) : undefined;
    if (tail) {
        const four = ipv4(tail[2]!);
        return four === undefined
            ? undefined
            : ipv6(`${tail[1]}${(four >> 16n).toString(16)}:${(four & 0xffffn).toString(16)}`);
    }
    const halves = word.split("::");
    const high = groupsOf(halves[0]!);
    const low = groupsOf(halves[1] ?? "");
    if (halves.length > 2 || high === undefined || low === undefined) return undefined;
    const count = (high.length + low.length) / DIGITS;
    if (halves.length === 1 ? count !== GROUPS : count >= GROUPS) return undefined;
    return BigInt(`0x${high}${low.padStart(GROUPS * DIGITS - high.length, "0")}`);
}

/** The digits of `2001:db8`, four for each group; undefined where one is none. */
function groupsOf(text: string): string | undefined {
    if (text === "") return "";
    let digits = "";
    for (const group of text.split(":")) {
        if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
        digits += group.padStart(DIGITS, "0");
    }
    return digits;
}
