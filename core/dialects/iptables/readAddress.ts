import { type AddressRange, BITS, type Family, prefixToRange, wholeFamily } from "../../model/addresses";

/** Reads `192.0.2.0/24`, `192.0.2.0/255.255.255.0`, `2001:db8::1`: a prefix as the programs print it. */
export function readPrefix(text: string, family: Family): AddressRange | undefined {
    const [addressText = "", maskText, ...more] = text.split("/");
    const address = readAddress(addressText, family);
    const length = maskText === undefined ? BITS[family] : readLength(maskText, family);
    if (address === undefined || length === undefined || more.length > 0) return undefined;
    const free = BigInt(BITS[family] - length);
    return prefixToRange({ family, address: (address >> free) << free, length });
}

/** Reads `192.0.2.3-192.0.2.9`. */
export function readRange(text: string, family: Family): AddressRange | undefined {
    const [firstText = "", lastText = "", ...more] = text.split("-");
    const first = readAddress(firstText, family);
    const last = readAddress(lastText, family);
    if (first === undefined || last === undefined || first > last || more.length > 0) return undefined;
    return { family, first, last };
}

function readLength(text: string, family: Family): number | undefined {
    if (/^\d{1,3}$/.test(text)) return Number(text) <= BITS[family] ? Number(text) : undefined;
    const mask = readAddress(text, family);
    if (mask === undefined) return undefined;
    // What is left are the lowest bits, without a gap.
    const free = (wholeFamily(family).last ^ mask).toString(2);
    return /^(0|1+)$/.test(free) ? BITS[family] - (free === "0" ? 0 : free.length) : undefined;
}

function readAddress(text: string, family: Family): bigint | undefined {
    return family === 4 ? readIpv4(text) : readIpv6(text);
}

function readIpv4(text: string): bigint | undefined {
    const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    const bytes = found?.slice(1).map(Number);
    if (!bytes || bytes.some((byte) => byte > 255)) return undefined;
    return BigInt(bytes.reduce((number, byte) => number * 256 + byte, 0));
}

/** Those that hold an address of IPv4 are printed with it: `::ffff:192.0.2.1`. */
function readIpv6(text: string): bigint | undefined {
    const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
    if (tail) {
        const low = readIpv4(tail[2]!);
        if (low === undefined) return undefined;
        return readIpv6(`${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`);
    }
    const [before = "", after, ...more] = text.split("::");
    const groupsOf = (part: string) => (part === "" ? [] : part.split(":"));
    const [first, last] = [groupsOf(before), groupsOf(after ?? "")];
    const missing = 8 - first.length - last.length;
    if (more.length > 0 || (after === undefined ? missing !== 0 : missing < 1)) return undefined;
    const groups = [...first, ...Array<string>(missing).fill("0"), ...last];
    if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
    return BigInt(`0x${groups.map((group) => group.padStart(4, "0")).join("")}`);
}
