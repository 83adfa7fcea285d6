import { MOST_STORED_BY_NAME, namedSet } from "./addressSets";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { checkName, inputPath, isName } from "./names";
import { propose } from "./nearest";
import { type ParsedRange, parseAddressRange } from "./parseAddress";
import type { NamedSet } from "./policy";
import { differenceOf, RangeGatherer, type RangeTable, unionOf } from "./rangeTable";
import { readRangeLines } from "./readRangeLines";
import { rememberLast } from "./rememberLast";

/** A long list in one text, a line each: a list of a million values takes the engine minutes. */
export interface Lines {
    readonly lines: string;
}

/** What of a list can't be read is named entry by entry up to so many, and then counted. */
export const MOST_NAMED = 10;

/**
 * Reads the sets of a target: name -> `{ entries, file, sets, except, exceptSets }`. `entries` and `except` are lists of
 * texts (or of lists of texts) or `Lines`, `file` is `Lines`, `sets` and `exceptSets` are names of other sets.
 *
 * Errors: VF001, VF002, VF004, VF005 (an entry), VF009, VF010, VF011, VF012, VF024, VF041, VF042, VF043.
 */
export function checkSets(raw: unknown): { sets: NamedSet[]; problems: Diagnostic[] } {
    const reader = new SetReader((raw ?? {}) as Record<string, unknown>);
    const sets = Object.keys(raw ?? {}).map((name) => {
        const { table, unknown } = reader.read(name);
        return namedSet(name, table, unknown);
    });
    return { sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)), problems: reader.problems };
}

/** A list in the form in which it travels: as it is, or as `Lines` where it is long and every entry of it is known. */
export function travelling(entries: readonly unknown[]): readonly unknown[] | Lines {
    const plain = (entry: unknown) => typeof entry === "string" && entry !== NOT_KNOWN_YET && !entry.includes("\n");
    return entries.length > MOST_STORED_BY_NAME && entries.every(plain) ? { lines: entries.join("\n") } : entries;
}

interface Part {
    readonly table: RangeTable;
    /** There may be more. */
    readonly unknown: boolean;
}

const NOTHING: Part = { table: new RangeGatherer().table(), unknown: false };
const UNKNOWN: Part = { ...NOTHING, unknown: true };

const FIELDS = ["entries", "sets", "file", "except", "exceptSets"] as const;
type Field = (typeof FIELDS)[number];
type RawSet = Readonly<Record<Field, unknown>>;

class SetReader {
    readonly problems: Diagnostic[] = [];
    private readonly done = new Map<string, Part>();
    private readonly underWay = new Set<string>();

    constructor(private readonly raw: Readonly<Record<string, unknown>>) {}

    read(name: string): Part {
        const known = this.done.get(name);
        if (known) return known;
        const path = inputPath("sets", name);
        this.problems.push(...checkName("address set", name, path));
        this.underWay.add(name);
        const part = this.value(this.raw[name], path);
        this.underWay.delete(name);
        this.done.set(name, part);
        return part;
    }

    private value(value: unknown, path: string): Part {
        if (value === NOT_KNOWN_YET) return UNKNOWN;
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            const fix = "An AddressSet takes entries, sets, a file, and what is excepted.";
            return this.report(
                diagnostic(
                    "VF024",
                    { field: "the address set", expected: "an object", value: quote(value), fix },
                    path,
                ),
            );
        }
        for (const field of Object.keys(value).filter((key) => !FIELDS.includes(key as Field))) {
            const proposal = propose(field, FIELDS, "Fields are entries, sets, file, except.");
            this.report(diagnostic("VF009", { value: quote(field), proposal }, path));
        }
        const raw = value as RawSet;
        const given = (...fields: Field[]) => fields.filter((field) => Object.hasOwn(raw, field));
        if (given("entries", "sets", "file").length === 0) return this.report(diagnostic("VF041", {}, path));
        const taken = given("entries", "sets", "file").flatMap((field) => this.parts(raw, field, path));
        const excepted = given("except", "exceptSets").flatMap((field) => this.parts(raw, field, path));
        // What is not known may take out any address, so there is none that is surely in.
        if (excepted.some(({ unknown }) => unknown)) return UNKNOWN;
        const all = unionOf(tablesOf(taken));
        return {
            table: excepted.length > 0 ? differenceOf(all, unionOf(tablesOf(excepted))) : all,
            unknown: taken.some(({ unknown }) => unknown),
        };
    }

    private parts(raw: RawSet, field: Field, path: string): Part[] {
        const value = raw[field];
        const fieldPath = `${path}.${field}`;
        if (value === undefined || value === null || value === "")
            return [this.report(diagnostic("VF010", { field, meaning: `no ${field}` }, fieldPath))];
        if (value === NOT_KNOWN_YET) return [UNKNOWN];
        if (typeof value === "object" && "lines" in value && typeof value.lines === "string")
            return [this.lines(value.lines, fieldPath)];
        if (!Array.isArray(value)) {
            const fix = "An AddressSet takes entries: a list of addresses, prefixes and ranges.";
            return [
                this.report(diagnostic("VF024", { field, expected: "a list", value: quote(value), fix }, fieldPath)),
            ];
        }
        if (field === "sets" || field === "exceptSets")
            return value.map((name: unknown) => this.other(name, fieldPath));
        const list = travelling(value.flat());
        return [Array.isArray(list) ? this.list(list, fieldPath) : this.lines((list as Lines).lines, fieldPath)];
    }

    private other(name: unknown, path: string): Part {
        if (name === NOT_KNOWN_YET) return UNKNOWN;
        if (typeof name !== "string" || !Object.hasOwn(this.raw, name)) {
            const names = Object.keys(this.raw).filter(isName);
            const proposal = propose(String(name), names, "Pass the AddressSet itself.");
            return this.report(diagnostic("VF011", { value: quote(name), proposal }, path));
        }
        return this.underWay.has(name)
            ? this.report(diagnostic("VF042", { value: quote(name) }, path))
            : this.read(name);
    }

    private list(entries: readonly unknown[], path: string): Part {
        const gatherer = new RangeGatherer();
        const wrong: WrongEntry[] = [];
        for (const [index, entry] of entries.entries()) {
            if (entry === NOT_KNOWN_YET) continue;
            const read = readEntry(entry, "");
            if ("range" in read) gatherer.addRange(read.range);
            else wrong.push({ entry, index });
        }
        this.problems.push(...problemsOf(wrong, path));
        return { table: gatherer.table(), unknown: entries.includes(NOT_KNOWN_YET) };
    }

    private lines(text: string, path: string): Part {
        const { table, wrong } = readLines(text);
        if (wrong.length > 0) this.problems.push(...problemsOf(wrong, path));
        return { table, unknown: false };
    }

    private report(problem: Diagnostic): Part {
        this.problems.push(problem);
        return NOTHING;
    }
}

function tablesOf(parts: readonly Part[]): RangeTable[] {
    return parts.map(({ table }) => table);
}

interface WrongEntry {
    readonly entry: unknown;
    readonly index: number;
}

const readLines = rememberLast((text: string): { table: RangeTable; wrong: readonly WrongEntry[] } => {
    const wrong: WrongEntry[] = [];
    const table = readRangeLines(text, false, (entry, index) => {
        const read = readEntry(entry, "");
        if ("range" in read) return read.range;
        if (text !== "") wrong.push({ entry, index });
        return undefined;
    });
    return { table, wrong };
});

function problemsOf(wrong: readonly WrongEntry[], path: string): Diagnostic[] {
    const named = wrong.slice(0, MOST_NAMED).flatMap(({ entry, index }) => {
        const read = readEntry(entry, `${path}[${index}]`);
        return "problem" in read ? [read.problem] : [];
    });
    const more = wrong.length - named.length;
    return more === 0 ? named : [...named, diagnostic("VF043", { count: more }, path)];
}

function readEntry(entry: unknown, path: string): ParsedRange {
    const text = typeof entry === "string" ? entry.trim() : entry;
    if (text === "" || text === null || text === undefined)
        return { problem: diagnostic("VF010", { field: "the entry", meaning: "nothing" }, path) };
    if (typeof text === "string") return parseAddressRange(text, path);
    return { problem: diagnostic("VF001", { value: quote(entry) }, path) };
}
