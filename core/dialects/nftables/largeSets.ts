import { type AddressRange, BITS, type Family, formatAddress, type Prefix, toPrefixes } from "../../model/addresses";
import { partIdentifier } from "./identifiers";

/** More networks than these of one family are laid out by their lengths. */
const MOST_INTERVALS = 4000;
/** Of more different lengths, which only IPv6 has, they are not: a packet would ask for each. */
const MOST_LENGTHS = 40;

/**
 * Where the networks of one family of an address set stand. A few are intervals of one set. Of many, those of each length are a
 * hash set of their own, which a packet asks with its address cut off at that length: what is added or taken out later then
 * costs nothing, and to load them less than half. One element more in a set of intervals costs more than all of them (docs/performance.md).
 */
export interface SetPart {
    readonly identifier: string;
    /** Absent: intervals, asked with the whole address. */
    readonly length?: number;
}

export interface FilledPart extends SetPart {
    /** Of a length: the networks of that length, ascending. */
    readonly prefixes: readonly Prefix[];
}

/** The networks of a family that are laid out by length, the longest first; undefined where they are intervals. */
export function partsByLength(
    name: string,
    family: Family,
    ranges: readonly AddressRange[],
): readonly FilledPart[] | undefined {
    const known = laidOut.get(ranges) ?? new Map<Family, readonly FilledPart[] | undefined>();
    laidOut.set(ranges, known);
    if (!known.has(family)) known.set(family, layOut(name, family, ranges));
    return known.get(family);
}

/** Each rule that names a set asks for its parts. */
const laidOut = new WeakMap<readonly AddressRange[], Map<Family, readonly FilledPart[] | undefined>>();

function layOut(name: string, family: Family, ranges: readonly AddressRange[]): readonly FilledPart[] | undefined {
    const own = ranges.filter((range) => range.family === family);
    // Each range is one network at least.
    const prefixes = 2 * BITS[family] * own.length > MOST_INTERVALS ? toPrefixes(own) : [];
    if (prefixes.length <= MOST_INTERVALS) return undefined;
    const byLength = new Map<number, Prefix[]>();
    for (const prefix of prefixes) {
        const same = byLength.get(prefix.length);
        if (same) same.push(prefix);
        else byLength.set(prefix.length, [prefix]);
    }
    if (byLength.size > MOST_LENGTHS) return undefined;
    return [...byLength]
        .sort(([a], [b]) => b - a)
        .map(([length, prefixes]) => ({ identifier: partIdentifier(name, family, length), length, prefixes }));
}

/** How an address is cut off at a length, behind the field that holds it; nothing where that is all of it. */
export function maskText(family: Family, length: number | undefined): string {
    return length === undefined || length === BITS[family] ? "" : ` & ${formatAddress(family, maskOf(family, length))}`;
}

export function maskOf(family: Family, length: number): bigint {
    const free = BigInt(BITS[family] - length);
    return ((1n << BigInt(length)) - 1n) << free;
}
