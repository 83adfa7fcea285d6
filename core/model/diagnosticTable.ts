import { analysisDiagnostics } from "./analysisDiagnostics";
import type { Entry } from "./diagnosticEntry";
import { hostDiagnostics } from "./hostDiagnostics";
import { inputDiagnostics } from "./inputDiagnostics";

/**
 * Every diagnostic of the library: its code, severity, text and fix; `docs/errors.md` is made from it.
 * VF0xx input, VF1xx safety and hosts, VF2xx analysis, VF3xx panels. A code is never used again for something else.
 */
export const table = {
    ...inputDiagnostics,
    ...hostDiagnostics,
    ...analysisDiagnostics,
} as const satisfies Record<`VF${number}`, Entry>;
