import type { Diagnostic } from "./events";

const labels: Readonly<Record<Diagnostic["severity"], string>> = {
    debug: "debug: ",
    info: "",
    "info#err": "",
    warning: "warning: ",
    error: "error: ",
};

/** One message as a line or several. */
export function renderDiagnostic({ severity, message }: Diagnostic): string {
    return `${labels[severity]}${message}`.trimEnd();
}
