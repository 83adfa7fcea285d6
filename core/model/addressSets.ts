import { createHash } from "node:crypto";
import { NOT_KNOWN_YET } from "./formatRule";
import { packTable, unpackTable } from "./packedTable";
import type { NamedSet } from "./policy";
import { prefixText } from "./prefixText";
import { parseAddressRange } from "./parseAddress";
import { rangesOf, type RangeTable, tableOf } from "./rangeTable";
import { readRangeLines } from "./readRangeLines";
import { rememberLast } from "./rememberLast";
import type { SetReference } from "./rule";

/** How the state keeps a set: up to 256 entries by name (so a diff names the entry), above that their count and digest. */
export type StoredSet = Readonly<Record<string, true>> | { readonly count: number; readonly digest: string };

export const MOST_STORED_BY_NAME = 256;

/** More entries than this are packed (packedTable.ts): a million are 4 MB instead of 14. */
const MOST_STORED_AS_TEXT = 4096;
const PACKED = "packed:";

/** The set with these entries. */
export function namedSet(name: string, table: RangeTable, unknown: boolean): NamedSet {
    return { name, ranges: rangesOf(table), ...(unknown && { unknown }) };
}

/** The canonical entries of a set, as text. */
export function entriesOf(set: NamedSet): string[] {
    const { lines, count } = prefixText(tableOf(set.ranges));
    return count === 0 ? [] : lines.toString("latin1").split("\n");
}

/** How a rule's line refers to a set. */
export function referenceTo(set: NamedSet): SetReference & CountAndDigest {
    return { name: set.name, ...countAndDigest(set) };
}

interface CountAndDigest {
    readonly count: number;
    readonly digest: string;
}

/** The digest: first 8 hex digits of SHA-256 over the canonical entries, a line each. */
function countAndDigest(set: NamedSet): CountAndDigest {
    const { count, digest } = summary(tableOf(set.ranges));
    return { count, digest: set.unknown ? "not known yet" : digest };
}

const summaries = new WeakMap<RangeTable, CountAndDigest>();

function summary(table: RangeTable): CountAndDigest {
    const known = summaries.get(table);
    if (known) return known;
    const { lines, count } = prefixText(table);
    const made = { count, digest: createHash("sha256").update(lines).digest("hex").slice(0, 8) };
    summaries.set(table, made);
    return made;
}

/** How `storeSet` keeps the set, and its entries, in one text, where that does not name them. */
export function storeSet(set: NamedSet): { readonly stored: StoredSet; readonly entries?: string } {
    const { count } = countAndDigest(set);
    if (count > MOST_STORED_BY_NAME) return { stored: countAndDigest(set), entries: entriesText(set, count) };
    const entries = set.unknown ? [...entriesOf(set), NOT_KNOWN_YET] : entriesOf(set);
    return { stored: Object.fromEntries(entries.map((entry) => [entry, true as const])) };
}

function entriesText(set: NamedSet, count: number): string {
    const table = tableOf(set.ranges);
    const known = count > MOST_STORED_AS_TEXT ? PACKED + packTable(table) : prefixText(table).lines.toString("latin1");
    return set.unknown ? `${known}\n${NOT_KNOWN_YET}` : known;
}

/** The set again; `entries` are those of a set stored by its digest. Throws where they are lost or are no addresses. */
export function restoreSet(name: string, stored: StoredSet, entries: string | undefined): NamedSet {
    const text = "digest" in stored ? entries : Object.keys(stored).join("\n");
    if (text === undefined) throw new Error(`the state has lost the entries of address set ${name}`);
    const unknown = text === NOT_KNOWN_YET || text.endsWith(`\n${NOT_KNOWN_YET}`);
    const known = unknown ? text.slice(0, -NOT_KNOWN_YET.length).trimEnd() : text;
    return namedSet(name, readStored(known), unknown);
}

const readStored = rememberLast((text: string): RangeTable => {
    if (text.startsWith(PACKED)) return unpackTable(text.slice(PACKED.length));
    return readRangeLines(text, false, (line) => {
        if (text === "") return undefined;
        const parsed = parseAddressRange(line);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return parsed.range;
    });
});
