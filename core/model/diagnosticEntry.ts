/** One row of the table of diagnostics. */
export interface Entry {
    readonly severity: "error" | "warning" | "note";
    /** What is wrong; `{names}` are filled in. */
    readonly text: string;
    /** The way out. */
    readonly fix: string;
    /** For the reference page: why the library insists. */
    readonly why: string;
}

export function entry<const Text extends string, const Fix extends string>(
    severity: Entry["severity"],
    text: Text,
    fix: Fix,
    why: string,
) {
    return { severity, text, fix, why } as const;
}
