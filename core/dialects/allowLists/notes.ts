import { DEFAULT_ACTION } from "../../analysis/decide";
import type { Direction } from "../../model/rule";
import type { AllowedTraffic } from "./allowed";

/** What a reader of rows has to know that the rows don't say themselves. */
export interface PanelNote {
    readonly about: NoteKind;
    /** A warning where something that a rule accepts may not get through, or where nobody could verify that it does. */
    readonly severity: "note" | "warning";
    /** The rules that it is about. */
    readonly keys: readonly string[];
    readonly text: string;
}

export type NoteKind =
    /** One rule is several rows. */
    | "rows"
    /** Another rule is the same row. */
    | "shared rows"
    /** Drops, or addresses that a rule excepts, are said by what they leave. */
    | "exclusion"
    | "drop without a row"
    | "nothing to allow"
    /** Of any protocol, three are said. */
    | "three protocols"
    | "default action"
    | "IPv4 only"
    | "IPv6 not verified"
    | "outbound is free"
    | "no log";

/** How many rows one rule is, and how many of them an earlier rule is too. */
export interface RowCount {
    readonly made: number;
    readonly shared: number;
}

/** Notes that every panel's list needs; a count for each key. */
export function notesOf(
    { direction, allowed, dropped }: AllowedTraffic,
    rowCounts: ReadonlyMap<string, RowCount>,
): PanelNote[] {
    const notes: PanelNote[] = [];
    const name = (key: string) => named(key, direction);
    const add = (about: NoteKind, keys: readonly string[], text: string, severity: PanelNote["severity"] = "note") =>
        notes.push({ about, severity, keys, text: text.replace(/^the /, "The ") });

    for (const { key, rule, boxes, unsaid, without } of allowed) {
        const { made: count, shared } = rowCounts.get(key)!;
        if (rule === undefined)
            add("default action", [key], `${name(key)} accepts what no rule decides: ${rowsText(count)} made for it.`);
        else if (count > 1)
            add("rows", [key], `${key} is ${count} rows: a row has one protocol, one address and one range of ports.`);
        if (shared > 0)
            add(
                "shared rows",
                [key],
                `${shared} of ${count} ${count > 1 ? "rows" : "row"} of ${name(key)} ${shared > 1 ? "stand" : "stands"} in the list already, for an earlier rule.`,
            );
        if (without.length > 0 && boxes.length > 0)
            add(
                "exclusion",
                [key, ...without],
                `The rows of ${name(key)} cover exactly what ${listed(without)} ${without.length > 1 ? "leave" : "leaves"} of it: rows only allow.`,
            );
        if (rule?.from.addresses.except ?? rule?.to.addresses.except)
            add("exclusion", [key], `The rows of ${key} cover exactly its addresses without those that it excepts.`);
        if (boxes.length === 0 && (unsaid.length === 0 || without.length > 0))
            add(
                "nothing to allow",
                [key],
                without.length > 0
                    ? `${name(key)} has no row: ${listed(without)} ${without.length > 1 ? "drop" : "drops"} all that a row could say of it.`
                    : `${key} has no row: it names nobody.`,
                "warning",
            );
        if (boxes.length > 0 && (!rule || rule.matches.some(({ protocol }) => protocol === "any")))
            add(
                "three protocols",
                [key],
                `${name(key)} says any protocol: only TCP, UDP and ICMP are claimed for its rows, others (GRE, ESP, SCTP) are not.`,
            );
    }
    const used = new Set(allowed.flatMap(({ without }) => without));
    for (const { key } of dropped)
        if (!used.has(key))
            add("drop without a row", [key], `${key} has no row: nothing that it drops is allowed by a row.`);
    for (const { key, rule } of [...allowed, ...dropped])
        if (rule?.log) add("no log", [key], `Nothing is logged there of what ${key} matches.`);
    return notes;
}

/** A rule, or `the default action of egress`. */
export function named(key: string, direction: Direction): string {
    return key === DEFAULT_ACTION ? `the default action of ${direction}` : key;
}

/** Some keys in a sentence; the note has all of them. */
export function listed(keys: readonly string[]): string {
    if (keys.length > MOST_LISTED)
        return `${keys.slice(0, MOST_LISTED).join(", ")} and ${keys.length - MOST_LISTED} more`;
    return keys.length < 2 ? keys.join() : `${keys.slice(0, -1).join(", ")} and ${keys.at(-1)}`;
}

const MOST_LISTED = 5;

const rowsText = (count: number) => (count === 1 ? "one row is" : `${count} rows are`);
