export type Family = 4 | 6;

/** The addresses `first` to `last` of one family, both included, as numbers. */
export interface AddressRange {
    readonly family: Family;
    readonly first: bigint;
    readonly last: bigint;
}

/** An aligned block: `address/length`. */
export interface Prefix {
    readonly family: Family;
    readonly address: bigint;
    readonly length: number;
}

export const BITS = { 4: 32, 6: 128 } as const;

const LAST = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const;

/** Every address of a family. */
export function wholeFamily(family: Family): AddressRange {
    return { family, first: 0n, last: LAST[family] };
}

/** Canonical text of one address: dotted decimal, or RFC 5952. */
export function formatAddress(family: Family, address: bigint): string {
    if (family === 4) {
        const number = Number(address);
        return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
    }
    const hex = address.toString(16).padStart(32, "0");
    const groups: string[] = [];
    for (let i = 0; i < 32; i += 4) groups.push(parseInt(hex.slice(i, i + 4), 16).toString(16));
    const { start, size } = longestZeros(groups);
    if (size < 2) return groups.join(":");
    return `${groups.slice(0, start).join(":")}::${groups.slice(start + size).join(":")}`;
}

/** The first of the longest runs of groups that are 0. */
function longestZeros(groups: readonly string[]): { readonly start: number; readonly size: number } {
    let longest = { start: 0, size: 0 };
    for (let start = 0; start < groups.length; start++) {
        let end = start;
        while (groups[end] === "0") end++;
        if (end - start > longest.size) longest = { start, size: end - start };
        if (end > start) start = end;
    }
    return longest;
}

/** `192.0.2.1` for a single address, else `192.0.2.0/24`. */
export function formatPrefix({ family, address, length }: Prefix): string {
    const text = formatAddress(family, address);
    return length === BITS[family] ? text : `${text}/${length}`;
}

/** Sorted (IPv4 first, then numerically) and merged: the one list of ranges for a set of addresses. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
    if (isMerged(ranges)) return [...ranges];
    const merged: { family: Family; first: bigint; last: bigint }[] = [];
    for (const { family, first, last } of [...ranges].sort(compareRanges)) {
        const previous = merged.at(-1);
        if (previous && previous.family === family && first <= previous.last + 1n) {
            if (last > previous.last) previous.last = last;
        } else merged.push({ family, first, last });
    }
    return merged;
}

/** Much faster than to sort them, and most lists that are asked for are so already. */
function isMerged(ranges: readonly AddressRange[]): boolean {
    for (let i = 1; i < ranges.length; i++) {
        const [a, b] = [ranges[i - 1]!, ranges[i]!];
        if (a.family > b.family || (a.family === b.family && a.last + 1n >= b.first)) return false;
    }
    return true;
}

function compareRanges(a: AddressRange, b: AddressRange): number {
    if (a.family !== b.family) return a.family - b.family;
    if (a.first !== b.first) return a.first < b.first ? -1 : 1;
    return a.last === b.last ? 0 : a.last < b.last ? -1 : 1;
}

/** The fewest prefixes that cover exactly these ranges, in canonical order. */
export function toPrefixes(ranges: readonly AddressRange[]): Prefix[] {
    return ranges.length === 1 ? rangeToPrefixes(ranges[0]!) : mergeRanges(ranges).flatMap(rangeToPrefixes);
}

/** How many these are, if not more than `most`; faster than to make them. Ranges are merged. */
export function countPrefixes(ranges: readonly AddressRange[], most = Infinity): number {
    let count = 0;
    for (let i = 0; i < ranges.length && count <= most; i++) count += countIn(ranges[i]!);
    return count;
}

function countIn(range: AddressRange): number {
    if (range.family === 6) return rangeToPrefixes(range).length;
    const last = Number(range.last);
    let count = 0;
    for (let next = Number(range.first); next <= last; next += blockAt(next, last)) count++;
    return count;
}

/** The size of the largest aligned block that starts here and does not pass the end. */
function blockAt(first: number, last: number): number {
    const aligned = first === 0 ? 32 : 31 - Math.clz32(first & -first);
    const size = last - first + 1;
    return 2 ** Math.min(aligned, size === 2 ** 32 ? 32 : 31 - Math.clz32(size));
}

function rangeToPrefixes({ family, first, last }: AddressRange): Prefix[] {
    if (family === 4) return rangeOf4ToPrefixes(Number(first), Number(last));
    const others = last - first;
    // As most are: one block.
    if ((others & (others + 1n)) === 0n && (first & others) === 0n)
        return [{ family, address: first, length: BITS[family] - floorLog2(others + 1n) }];
    const prefixes: Prefix[] = [];
    let next = first;
    while (next <= last) {
        // The largest aligned block that starts here and does not pass the end.
        const free = Math.min(trailingZeros(next, BITS[family]), floorLog2(last - next + 1n));
        prefixes.push({ family, address: next, length: BITS[family] - free });
        next += 1n << BigInt(free);
    }
    return prefixes;
}

/** The same in plain numbers, which are a good deal faster. */
function rangeOf4ToPrefixes(first: number, last: number): Prefix[] {
    const prefixes: Prefix[] = [];
    for (let next = first; next <= last;) {
        const size = blockAt(next, last);
        prefixes.push({ family: 4, address: BigInt(next), length: 32 - Math.log2(size) });
        next += size;
    }
    return prefixes;
}

/** How many of the lowest of so many bits are 0. */
function trailingZeros(value: bigint, bits: number): number {
    for (let shift = 0; shift < bits; shift += 32) {
        const word = Number(BigInt.asUintN(32, value >> BigInt(shift)));
        if (word !== 0) return shift + 31 - Math.clz32(word & -word);
    }
    return bits;
}

/** The place of the highest bit of a number above 0. */
function floorLog2(value: bigint): number {
    const hex = value.toString(16);
    return 4 * (hex.length - 1) + 31 - Math.clz32(parseInt(hex[0]!, 16));
}

export function prefixToRange({ family, address, length }: Prefix): AddressRange {
    return { family, first: address, last: address + (1n << BigInt(BITS[family] - length)) - 1n };
}
