import { diagnostic, type DiagnosticCode, FirewallError, printable } from "../../core/model/diagnostics";

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

/** The complete text of a diagnostic: printable and on one line, whatever a server or a file put into `values`. */
export function hostMessage<Code extends DiagnosticCode>(code: Code, values: Values<Code>): string {
    const safe = Object.entries(values).map(([name, value]) => [name, printable(String(value))]);
    return diagnostic(code, Object.fromEntries(safe) as Values<Code>).message.trimEnd();
}

/** What stops a session or an operation on a host, with the code to look it up by. Never holds any part of a secret. */
export function hostError<Code extends DiagnosticCode>(code: Code, values: Values<Code>): FirewallError {
    const { severity } = diagnostic(code, values);
    return new FirewallError({ code, severity, message: hostMessage(code, values) });
}
