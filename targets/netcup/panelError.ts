export { left } from "../http";
import { diagnostic, type DiagnosticCode, FirewallError } from "../../core/model/diagnostics";

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

/** What stops an operation at the panel, with the code to look it up by. Never holds any part of a token. */
export function panelError<Code extends DiagnosticCode>(code: Code, values: Values<Code>): FirewallError {
    return new FirewallError(diagnostic(code, values));
}
