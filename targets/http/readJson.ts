import type { z } from "zod";
import { parseBoundedJson } from "../../core/model/boundedJson";
import { printable, quote } from "../../core/model/diagnostics";
import type { Answer } from "./exchange";

/**
 * The body of an answer, checked. `unusable` makes the error for one that is not of the form: the field, and what is wrong with it.
 */
export function readJson<T>(
    schema: z.ZodType<T>,
    answer: Answer,
    unusable: (field: string, problem: string) => Error,
): T {
    const body = parsed(answer.text);
    if (body === undefined) throw unusable("the body", "is not JSON");
    const read = schema.safeParse(body);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    const there = issue?.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], body);
    throw unusable(path || "the body", there === undefined ? "is missing" : `has a form that is not known`);
}

/** The parts of an error body. */
export interface Problem {
    readonly code?: string;
    readonly message?: string;
    /** `field: what is wrong, field: what is wrong`. */
    readonly fields?: string;
    /** The server's id of the request, where the body says it. */
    readonly request?: string;
}

const LONGEST_SAID = 300;

/** The server's own words in an error body, on one line, without secrets: `[code] "message" (field: "message")`. */
export function said({ code, message, fields }: Problem, hide: (text: string) => string): string {
    const parts = [code && `[${code}]`, message && quote(hide(message)), fields && `(${fields})`].filter(Boolean);
    return printable(hide(parts.join(" ")), LONGEST_SAID) || "without a word";
}

/** JSON, or undefined. */
export function parsed(text: string): unknown {
    try {
        return parseBoundedJson(text);
    } catch {
        return undefined;
    }
}
