import { table } from "./diagnosticTable";

export type DiagnosticCode = keyof typeof table;
export type Severity = "error" | "warning" | "note";

/** One coded message: what is wrong, where, and the way out. */
export interface Diagnostic {
    readonly code: DiagnosticCode;
    readonly severity: Severity;
    /** `VF003 70000 is not a port. Write ...`: complete, one line of printable ASCII. */
    readonly message: string;
    /** The input it blames, as a path: `templates[0].rules.ssh.ports`. */
    readonly property?: string;
}

/** The `{names}` in a text of the table. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

type Values<Code extends DiagnosticCode> = Record<
    Names<(typeof table)[Code]["text"]> | Names<(typeof table)[Code]["fix"]>,
    string | number
>;

/**
 * Makes a diagnostic from the table. `values` fill its `{names}`, made printable; pass user text through `quote`.
 *
 * @example diagnostic("VF003", { value: quote(70000) }, "templates[0].rules.ssh.ports")
 */
export function diagnostic<Code extends DiagnosticCode>(
    code: Code,
    values: Values<Code>,
    property?: string,
    where?: string,
): Diagnostic {
    const { severity, text, fix } = table[code];
    const filled = [text, fix].filter(Boolean).map((part) => fill(part, values));
    const message = `${code} ${where === undefined ? "" : `${where}: `}${filled.join(" ")}`;
    return { code, severity, message, ...(property === undefined ? {} : { property }) };
}

/** The same diagnostic, saying where: `VF003 service "app" ports: 70000 is not a port.` */
export function located(problem: Diagnostic, where: string): Diagnostic {
    return { ...problem, message: `${problem.code} ${where}:${problem.message.slice(problem.code.length)}` };
}

function fill(text: string, values: Record<string, string | number>): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => printable(String(values[name])));
}

/** The error thrown for a diagnostic that stops an operation. */
export class FirewallError extends Error {
    readonly code: DiagnosticCode;

    constructor(readonly diagnostic: Diagnostic) {
        super(diagnostic.message);
        this.name = "FirewallError";
        this.code = diagnostic.code;
    }
}

/** Throws the diagnostic `code`, filled with `values`. */
export function fail<Code extends DiagnosticCode>(code: Code, values: Values<Code>, where?: string): never {
    throw new FirewallError(diagnostic(code, values, undefined, where));
}

const LONGEST_QUOTE = 100;

/**
 * Any value as one short line of printable ASCII, text in quotes: what a user or a host said can't forge a message or
 * move the cursor.
 */
export function quote(value: unknown): string {
    if (typeof value === "string") return `"${printable(value.replace(/["\\]/g, "\\$&"), LONGEST_QUOTE)}"`;
    return printable(String(typeof value === "object" ? JSON.stringify(value) : value), LONGEST_QUOTE);
}

/** Text of a host, made harmless for a terminal: control characters and non-ASCII escaped, cut at `longest` characters. */
export function printable(text: string, longest = 2000): string {
    const cut = text.length > longest ? `${text.slice(0, longest)}...` : text;
    return cut.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
