import type { Op, Step } from "./steps";

export type Severity = "debug" | "info" | "info#err" | "warning" | "error";

/** Something somebody says: the engine, the program or a provider. */
export interface Diagnostic {
    readonly severity: Severity;
    readonly message: string;
    /** The resource it is about. */
    readonly urn?: string;
    /** Progress: worth showing while it lasts, not worth keeping. */
    readonly ephemeral?: boolean;
}

/** What happens in a deployment, in order. */
export type EngineEvent =
    | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
    /** A step begins. */
    | { readonly kind: "begin"; readonly step: Step }
    /** A step is done; its `new` has the outputs. `op` differs from the step's for a refresh: what it found. */
    | { readonly kind: "outputs"; readonly step: Step; readonly op: Op }
    /** A step failed; a diagnostic before says why. */
    | { readonly kind: "failed"; readonly step: Step };

/** Stops a deployment whose reason has been said in a diagnostic already. */
export class Bail extends Error {
    override readonly name = "Bail";
}
