import { createHash } from "node:crypto";
import { formatPrefix, mergeRanges, toPrefixes } from "./addresses";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { checkName } from "./names";
import { parseAddressRange } from "./parseAddress";
import type { NamedSet } from "./policy";
import type { SetReference } from "./rule";

/** How the state keeps a set: up to 256 entries by name (so a diff names the entry), above that their count and digest. */
export type StoredSet = Readonly<Record<string, true>> | { readonly count: number; readonly digest: string };

export const MOST_STORED_BY_NAME = 256;

/** Reads the sets of a target: name -> `{ entries: [...] }`. */
export function checkSets(raw: unknown): { sets: NamedSet[]; problems: Diagnostic[] } {
    const problems: Diagnostic[] = [];
    const sets = Object.entries((raw ?? {}) as Record<string, unknown>).map(([name, value]): NamedSet => {
        const path = `sets.${name}`;
        problems.push(...checkName("address set", name, path));
        const entries = (value as { entries?: unknown } | null)?.entries;
        if (!Array.isArray(entries)) {
            const fix = "An AddressSet takes entries: a list of addresses, prefixes and ranges.";
            problems.push(
                diagnostic("VF024", { field: "entries", expected: "a list", value: quote(entries), fix }, path),
            );
            return { name, ranges: [] };
        }
        return readEntries(name, entries, problems);
    });
    return { sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

function readEntries(name: string, entries: readonly unknown[], problems: Diagnostic[]): NamedSet {
    const ranges = entries.flatMap((entry, index) => {
        if (entry === NOT_KNOWN_YET) return [];
        const path = `sets.${name}.entries[${index}]`;
        if (entry === "" || entry === null || entry === undefined) {
            problems.push(diagnostic("VF010", { field: "an entry", meaning: "nothing" }, path));
            return [];
        }
        const parsed = parseAddressRange(String(entry).trim(), path);
        if ("range" in parsed) return [parsed.range];
        problems.push(parsed.problem);
        return [];
    });
    const unknown = entries.includes(NOT_KNOWN_YET);
    return { name, ranges: mergeRanges(ranges), ...(unknown && { unknown }) };
}

/** The canonical entries of a set, as text. */
export function entriesOf(set: NamedSet): string[] {
    return toPrefixes(set.ranges).map(formatPrefix);
}

/** First 8 hex digits of SHA-256 over the canonical entries, a line each. */
export function digestOfEntries(entries: readonly string[]): string {
    return createHash("sha256").update(entries.join("\n")).digest("hex").slice(0, 8);
}

/** How a rule's line refers to a set. */
export function referenceTo(set: NamedSet): SetReference {
    const entries = entriesOf(set);
    return { name: set.name, count: entries.length, digest: set.unknown ? "not known yet" : digestOfEntries(entries) };
}

export function storeSet(set: NamedSet): StoredSet {
    const entries = entriesOf(set);
    if (entries.length > MOST_STORED_BY_NAME) return { count: entries.length, digest: digestOfEntries(entries) };
    const named = set.unknown ? [...entries, NOT_KNOWN_YET] : entries;
    return Object.fromEntries(named.map((entry) => [entry, true as const]));
}

/** The set again; `entries` are those of a set stored by its digest. */
export function restoreSet(name: string, stored: StoredSet, entries: string | undefined): NamedSet {
    const texts = "digest" in stored ? (entries ?? "").split("\n").filter(Boolean) : Object.keys(stored);
    const unknown = texts.includes(NOT_KNOWN_YET);
    const ranges = texts.flatMap((text) => {
        const parsed = parseAddressRange(text);
        return "range" in parsed ? [parsed.range] : [];
    });
    return { name, ranges: mergeRanges(ranges), ...(unknown && { unknown }) };
}
