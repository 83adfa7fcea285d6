import { diagnostic, type DiagnosticCode, FirewallError } from "../../core/model/diagnostics";

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

/** What stops an operation at the panel, with the code to look it up by. Never holds any part of a token. */
export function panelError<Code extends DiagnosticCode>(code: Code, values: Values<Code>): FirewallError {
    return new FirewallError(diagnostic(code, values));
}

/** What an error says of the panel's state, its last words. */
export const left = {
    unchanged: "Nothing was changed.",
    /** The change itself is made; only reading it back failed. */
    done: "The change was carried out.",
    unknown: "It may have been carried out all the same: read what the panel holds before anything else.",
} as const;
