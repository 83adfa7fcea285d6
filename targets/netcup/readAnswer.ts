import { type Answer, parsed, type Problem } from "../http";
import * as answers from "./answers";

/** The parts of an error body; of one that is none, nothing. */
export function problemOf({ text }: Answer): Problem {
    const read = answers.problem.safeParse(parsed(text));
    if (!read.success) return {};
    const { code, message, error, error_description, errors } = read.data;
    const fields = errors?.map(({ field, message }) => `${field ?? "?"}: ${message ?? "?"}`).join(", ");
    const all = { code: code ?? error, message: message ?? error_description, fields };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}
