import { diagnostic, type DiagnosticCode, FirewallError } from "../../core/model/diagnostics";

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

/** What stops a session or an operation on a host, with the code to look it up by. Never holds any part of a secret. */
export function hostError<Code extends DiagnosticCode>(code: Code, values: Values<Code>): FirewallError {
    return new FirewallError(diagnostic(code, values));
}
