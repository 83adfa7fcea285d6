import type { AddressRange, Family } from "./addresses";
import {
    compareWords,
    copyWords,
    decrement,
    differingBits,
    fillLowest,
    increment,
    lowestBits,
    type Words,
} from "./words";

/** Ranges of one family in columns: the ends of range `i` are the words from `i * words` on. */
export interface RangeColumns {
    readonly words: 1 | 4;
    readonly first: Words;
    readonly last: Words;
}

/** What `AddressRange[]` says, for up to millions: sorted and merged. */
export type RangeTable = Readonly<Record<Family, RangeColumns>>;

const WORDS = { 4: 1, 6: 4 } as const;

/** Gathers ranges in any order. */
export class RangeGatherer {
    private readonly first: Record<Family, Words> = { 4: new Uint32Array(64), 6: new Uint32Array(256) };
    private readonly last: Record<Family, Words> = { 4: new Uint32Array(64), 6: new Uint32Array(256) };
    private readonly used: Record<Family, number> = { 4: 0, 6: 0 };

    /** The ends are the first words of `first` and `last`. */
    add(family: Family, first: Words, last: Words): void {
        const [count, used] = [WORDS[family], this.used[family]];
        if (used + count > this.first[family].length) {
            this.first[family] = twice(this.first[family]);
            this.last[family] = twice(this.last[family]);
        }
        copyWords(first, 0, this.first[family], used, count);
        copyWords(last, 0, this.last[family], used, count);
        this.used[family] = used + count;
    }

    addRange({ family, first, last }: AddressRange): void {
        putNumber(first, ends.first, 0, WORDS[family]);
        putNumber(last, ends.last, 0, WORDS[family]);
        this.add(family, ends.first, ends.last);
    }

    table(): RangeTable {
        const columns = (family: Family) =>
            mergedColumns({
                words: WORDS[family],
                first: this.first[family].subarray(0, this.used[family]),
                last: this.last[family].subarray(0, this.used[family]),
            });
        return { 4: columns(4), 6: columns(6) };
    }
}

/** Where single ranges are put together; what is there is used up at once. */
const ends = { first: new Uint32Array(4), last: new Uint32Array(4) };

function twice(words: Words): Words {
    const larger = new Uint32Array(2 * words.length);
    larger.set(words);
    return larger;
}

function putNumber(value: bigint, words: Words, at: number, count: number): void {
    if (count === 1) words[at] = Number(value);
    else
        for (let i = 0; i < count; i++)
            words[at + i] = Number(BigInt.asUintN(32, value >> BigInt(32 * (count - 1 - i))));
}

function numberAt(words: Words, at: number, count: number): bigint {
    if (count === 1) return BigInt(words[at]!);
    for (let i = 0; i < 4; i++) fourWords.setUint32(4 * i, words[at + i]!);
    return (fourWords.getBigUint64(0) << 64n) | fourWords.getBigUint64(8);
}

const fourWords = new DataView(new ArrayBuffer(16));

/** The tables that ranges were made from or into: a large set is asked for both forms again and again. */
const tables = new WeakMap<readonly AddressRange[], RangeTable>();
const rangesOfTables = new WeakMap<RangeTable, readonly AddressRange[]>();

/** `ranges` may be in any order. */
export function tableOf(ranges: readonly AddressRange[]): RangeTable {
    const known = tables.get(ranges);
    if (known) return known;
    const gatherer = new RangeGatherer();
    for (const range of ranges) gatherer.addRange(range);
    const table = gatherer.table();
    tables.set(ranges, table);
    return table;
}

/** Sorted and merged, as `mergeRanges` makes them. */
export function rangesOf(table: RangeTable): readonly AddressRange[] {
    const known = rangesOfTables.get(table);
    if (known) return known;
    const ranges: AddressRange[] = [];
    for (const family of [4, 6] as const) {
        const { words, first, last } = table[family];
        for (let at = 0; at < first.length; at += words)
            ranges.push({ family, first: numberAt(first, at, words), last: numberAt(last, at, words) });
    }
    tables.set(ranges, table);
    rangesOfTables.set(table, ranges);
    return ranges;
}

export function unionOf(some: readonly RangeTable[]): RangeTable {
    const [only] = some;
    if (only && some.length === 1) return only;
    const joined = (family: Family) =>
        mergedColumns({
            words: WORDS[family],
            first: concatenated(some.map((table) => table[family].first)),
            last: concatenated(some.map((table) => table[family].last)),
        });
    return { 4: joined(4), 6: joined(6) };
}

function concatenated(parts: readonly Words[]): Words {
    const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
        all.set(part, at);
        at += part.length;
    }
    return all;
}

/** What is in `a` and not in `b`. */
export function differenceOf(a: RangeTable, b: RangeTable): RangeTable {
    return { 4: columnsWithout(a[4], b[4]), 6: columnsWithout(a[6], b[6]) };
}

function columnsWithout(a: RangeColumns, b: RangeColumns): RangeColumns {
    const { words } = a;
    // Each range of `b` cuts at most one range of `a` in two.
    const left = emptyColumns(words, a.first.length + b.first.length);
    const next = new Uint32Array(words);
    let used = 0;
    const keep = (last: Words, atLast: number) => {
        copyWords(next, 0, left.first, used, words);
        copyWords(last, atLast, left.last, used, words);
        used += words;
    };
    let cut = 0;
    for (let at = 0; at < a.first.length; at += words) {
        copyWords(a.first, at, next, 0, words);
        while (cut < b.first.length && compareWords(b.last, cut, next, 0, words) < 0) cut += words;
        let open = true;
        for (let each = cut; open && each < b.first.length; each += words) {
            if (compareWords(b.first, each, a.last, at, words) > 0) break;
            if (compareWords(b.first, each, next, 0, words) > 0) {
                keep(b.first, each);
                decrement(left.last, used - words, words);
            }
            open = compareWords(b.last, each, a.last, at, words) < 0;
            copyWords(b.last, each, next, 0, words);
            increment(next, 0, words);
        }
        if (open) keep(a.last, at);
    }
    return cutTo(left, used);
}

function emptyColumns(words: 1 | 4, length: number): RangeColumns {
    return { words, first: new Uint32Array(length), last: new Uint32Array(length) };
}

function cutTo({ words, first, last }: RangeColumns, length: number): RangeColumns {
    return { words, first: first.slice(0, length), last: last.slice(0, length) };
}

function mergedColumns(columns: RangeColumns): RangeColumns {
    const { words, first, last } = columns;
    const merged = emptyColumns(words, first.length);
    let used = 0;
    for (const index of sortedByFirst(columns)) {
        const at = index * words;
        const previous = used - words;
        if (used > 0 && meets(first, at, merged.last, previous, words)) {
            if (compareWords(last, at, merged.last, previous, words) > 0)
                copyWords(last, at, merged.last, previous, words);
            continue;
        }
        copyWords(first, at, merged.first, used, words);
        copyWords(last, at, merged.last, used, words);
        used += words;
    }
    return cutTo(merged, used);
}

/** Does what begins at `first` overlap with what ends at `last`, or follow it at once? */
function meets(first: Words, atFirst: number, last: Words, atLast: number, words: number): boolean {
    if (compareWords(first, atFirst, last, atLast, words) <= 0) return true;
    const lowest = words - 1;
    if (first[atFirst + lowest] !== (last[atLast + lowest]! + 1) >>> 0) return false;
    copyWords(last, atLast, behind, 0, words);
    increment(behind, 0, words);
    return compareWords(first, atFirst, behind, 0, words) === 0;
}

const behind = new Uint32Array(4);

/** The indices of the ranges in the order of their first addresses: by each byte in turn, from the lowest on. */
function sortedByFirst({ words, first }: RangeColumns): Uint32Array {
    const count = first.length / words;
    let order = new Uint32Array(count);
    for (let index = 0; index < count; index++) order[index] = index;
    if (isSorted(words, first)) return order;
    let other = new Uint32Array(count);
    const places = new Uint32Array(256);
    for (let word = words - 1; word >= 0; word--)
        for (let shift = 0; shift < 32; shift += 8) {
            places.fill(0);
            for (let at = word; at < first.length; at += words) places[(first[at]! >>> shift) & 255]!++;
            if (places.includes(count)) continue;
            for (let byte = 0, place = 0; byte < 256; byte++) {
                const size = places[byte]!;
                places[byte] = place;
                place += size;
            }
            for (const index of order) other[places[(first[index * words + word]! >>> shift) & 255]!++] = index;
            [order, other] = [other, order];
        }
    return order;
}

function isSorted(words: number, first: Words): boolean {
    for (let at = words; at < first.length; at += words)
        if (compareWords(first, at - words, first, at, words) > 0) return false;
    return true;
}

/**
 * The fewest prefixes of these ranges, in order. `visit` gets the first address (its words change afterwards) and how many
 * of the lowest bits are free.
 */
export function forEachPrefix(
    { words, first, last }: RangeColumns,
    visit: (address: Words, free: number) => void,
): void {
    const next = new Uint32Array(words);
    const end = new Uint32Array(words);
    for (let at = 0; at < first.length; at += words) {
        copyWords(first, at, next, 0, words);
        for (;;) {
            const free = freeBits(next, last, at, words);
            copyWords(next, 0, end, 0, words);
            fillLowest(end, 0, words, free);
            visit(next, free);
            if (compareWords(end, 0, last, at, words) === 0) break;
            copyWords(end, 0, next, 0, words);
            increment(next, 0, words);
        }
    }
}

/** Of the largest aligned block that starts at `next` and does not pass the end. */
function freeBits(next: Words, last: Words, atLast: number, words: number): number {
    const different = differingBits(next, 0, last, atLast, words);
    if (different === 0) return 0;
    const aligned = lowestBits(next, 0, words, 0);
    const whole = aligned >= different && lowestBits(last, atLast, words, 1) >= different;
    return whole ? different : Math.min(aligned, different - 1);
}
