import type { z } from "zod";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { propose } from "./nearest";

/** What messages say of an input object: `a rule must be an object or a canonical line`. */
export interface ShapeWords {
    readonly whole: string;
    readonly wholeExpected: string;
    /** Its fields with their types, in the order in which they are listed. */
    readonly fields: Readonly<Record<string, string>>;
    readonly fix: string;
}

/** VF010 for each of these fields that is there and holds nothing. `meanings`: what leaving it out means. */
export function emptyFields(input: unknown, path: string, meanings: Readonly<Record<string, string>>): Diagnostic[] {
    if (typeof input !== "object" || input === null) return [];
    const fields = input as Record<string, unknown>;
    return Object.entries(meanings).flatMap(([field, meaning]) => {
        if (!Object.hasOwn(fields, field)) return [];
        const value = fields[field];
        const items: unknown[] = Array.isArray(value) ? value : [value];
        const empty = items.length === 0 || items.some(isEmpty);
        return empty ? [diagnostic("VF010", { field, meaning }, inside(path, field))] : [];
    });
}

function isEmpty(item: unknown): boolean {
    return item === undefined || item === null || (typeof item === "string" && item.trim() === "");
}

/** What zod found, as VF009 (unknown field) and VF024 (another type). */
export function shapeProblem(issue: z.core.$ZodIssue, input: unknown, path: string, words: ShapeWords): Diagnostic[] {
    const { whole, wholeExpected, fields, fix } = words;
    if (issue.code === "unrecognized_keys") {
        const known = Object.keys(fields);
        const otherwise = `Fields are ${known.join(", ")}.`;
        return issue.keys.map((key) =>
            diagnostic("VF009", { value: quote(key), proposal: propose(key, known, otherwise) }, path),
        );
    }
    const field = issue.path[0];
    if (field === undefined)
        return [diagnostic("VF024", { field: whole, expected: wholeExpected, value: quote(input), fix }, path)];
    const name = String(field);
    const value = quote((input as Record<string, unknown>)[name]);
    return [diagnostic("VF024", { field: name, expected: fields[name] ?? "", value, fix }, inside(path, name))];
}

/** The path of a field below `path`; an empty one is the input itself. */
export function inside(path: string, field: string): string {
    return path === "" ? field : `${path}.${field}`;
}
