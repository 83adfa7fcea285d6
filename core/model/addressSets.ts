import { createHash } from "node:crypto";
import { formatPrefix, mergeRanges, toPrefixes } from "./addresses";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { checkName, inputPath } from "./names";
import { type ParsedRange, parseAddressRange } from "./parseAddress";
import type { NamedSet } from "./policy";
import type { SetReference } from "./rule";

/** How the state keeps a set: up to 256 entries by name (so a diff names the entry), above that their count and digest. */
export type StoredSet = Readonly<Record<string, true>> | { readonly count: number; readonly digest: string };

const MOST_STORED_BY_NAME = 256;

/** Reads the sets of a target: name -> `{ entries: [...] }`. */
export function checkSets(raw: unknown): { sets: NamedSet[]; problems: Diagnostic[] } {
    const problems: Diagnostic[] = [];
    const sets = Object.entries((raw ?? {}) as Record<string, unknown>).map(([name, value]): NamedSet => {
        const path = inputPath("sets", name);
        problems.push(...checkName("address set", name, path));
        if (value === NOT_KNOWN_YET) return { name, ranges: [], unknown: true };
        const given = typeof value === "object" && value !== null && Object.hasOwn(value, "entries");
        const entries = given ? (value as { entries: unknown }).entries : undefined;
        if (!Array.isArray(entries)) {
            const fix = "An AddressSet takes entries: a list of addresses, prefixes and ranges.";
            problems.push(
                diagnostic("VF024", { field: "entries", expected: "a list", value: quote(entries), fix }, path),
            );
            return { name, ranges: [] };
        }
        return readEntries(name, entries, path, problems);
    });
    return { sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

function readEntries(name: string, entries: readonly unknown[], path: string, problems: Diagnostic[]): NamedSet {
    const ranges = entries.flatMap((entry, index) => {
        if (entry === NOT_KNOWN_YET) return [];
        const parsed = readEntry(entry, `${path}.entries[${index}]`);
        if ("range" in parsed) return [parsed.range];
        problems.push(parsed.problem);
        return [];
    });
    const unknown = entries.includes(NOT_KNOWN_YET);
    return { name, ranges: mergeRanges(ranges), ...(unknown && { unknown }) };
}

function readEntry(entry: unknown, path: string): ParsedRange {
    const text = typeof entry === "string" ? entry.trim() : entry;
    if (text === "" || text === null || text === undefined)
        return { problem: diagnostic("VF010", { field: "the entry", meaning: "nothing" }, path) };
    if (typeof text === "string") return parseAddressRange(text, path);
    return { problem: diagnostic("VF001", { value: quote(entry) }, path) };
}

/** The canonical entries of a set, as text. */
export function entriesOf(set: NamedSet): string[] {
    return toPrefixes(set.ranges).map(formatPrefix);
}

/** First 8 hex digits of SHA-256 over the canonical entries, a line each. */
function digestOfEntries(entries: readonly string[]): string {
    return createHash("sha256").update(entries.join("\n")).digest("hex").slice(0, 8);
}

/** How a rule's line refers to a set. */
export function referenceTo(set: NamedSet): SetReference & CountAndDigest {
    return { name: set.name, ...countAndDigest(set) };
}

interface CountAndDigest {
    readonly count: number;
    readonly digest: string;
}

function countAndDigest(set: NamedSet): CountAndDigest {
    const entries = entriesOf(set);
    return { count: entries.length, digest: set.unknown ? "not known yet" : digestOfEntries(entries) };
}

/** How `storeSet` keeps the set, and its entries, a line each, where that does not name them. */
export function storeSet(set: NamedSet): { readonly stored: StoredSet; readonly entries?: string } {
    const known = entriesOf(set);
    const entries = set.unknown ? [...known, NOT_KNOWN_YET] : known;
    if (known.length > MOST_STORED_BY_NAME) return { stored: countAndDigest(set), entries: entries.join("\n") };
    return { stored: Object.fromEntries(entries.map((entry) => [entry, true as const])) };
}

/** The set again; `entries` are those of a set stored by its digest. Throws where they are lost or are no addresses. */
export function restoreSet(name: string, stored: StoredSet, entries: string | undefined): NamedSet {
    const texts = "digest" in stored ? entries?.split("\n") : Object.keys(stored);
    if (!texts) throw new Error(`the state has lost the entries of address set ${name}`);
    const unknown = texts.includes(NOT_KNOWN_YET);
    const ranges = texts
        .filter((text) => text !== NOT_KNOWN_YET)
        .map((text) => {
            const parsed = parseAddressRange(text);
            if ("problem" in parsed) throw new Error(parsed.problem.message);
            return parsed.range;
        });
    return { name, ranges: mergeRanges(ranges), ...(unknown && { unknown }) };
}
