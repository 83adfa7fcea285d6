import type { z } from "zod";
import { parseBoundedJson } from "../../core/model/boundedJson";
import { printable, quote } from "../../core/model/diagnostics";
import * as answers from "./answers";
import type { Answer } from "./exchange";
import { panelError } from "./panelError";

/** What an error about an answer says of the request. */
export interface About {
    /** `GET /scp-core/api/v1/servers`. */
    readonly endpoint: string;
    readonly left: string;
}

/**
 * The body of an answer, checked.
 *
 * @throws FirewallError VF283, naming endpoint and field
 */
export function readJson<T>(schema: z.ZodType<T>, answer: Answer, { endpoint, left }: About): T {
    const unusable = (field: string, problem: string) =>
        panelError("VF283", { endpoint, field, problem, request: answer.request, left });
    const body = parsed(answer.text);
    if (body === undefined) throw unusable("the body", "is not JSON");
    const read = schema.safeParse(body);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const path = issue?.path.map(String).join(".") ?? "";
    const there = issue?.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], body);
    throw unusable(path || "the body", there === undefined ? "is missing" : `has a form that is not known`);
}

const LONGEST_SAID = 300;

/** The panel's own words in an error body, on one line, without tokens: `[code] "message" (field: "message")`. */
export function said(answer: Answer, hide: (text: string) => string): string {
    const { code, message, fields } = problemOf(answer);
    const parts = [code && `[${code}]`, message && quote(hide(message)), fields && `(${fields})`].filter(Boolean);
    return printable(hide(parts.join(" ")), LONGEST_SAID) || "without a word";
}

/** The parts of an error body; of one that is none, nothing. */
export function problemOf({ text }: Answer): { code?: string; message?: string; fields?: string } {
    const read = answers.problem.safeParse(parsed(text));
    if (!read.success) return {};
    const { code, message, error, error_description, errors } = read.data;
    const fields = errors?.map(({ field, message }) => `${field ?? "?"}: ${message ?? "?"}`).join(", ");
    const all = { code: code ?? error, message: message ?? error_description, fields };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}

function parsed(text: string): unknown {
    try {
        return parseBoundedJson(text);
    } catch {
        return undefined;
    }
}
