import { analysisDiagnostics } from "./analysisDiagnostics";
import type { Entry } from "./diagnosticEntry";
import { hostDiagnostics } from "./hostDiagnostics";
import { inputDiagnostics } from "./inputDiagnostics";
import { leasewebDiagnostics } from "./leasewebDiagnostics";
import { netcupDiagnostics } from "./netcupDiagnostics";
import { panelDiagnostics } from "./panelDiagnostics";
import { protocolDiagnostics } from "./protocolDiagnostics";
import { sshDiagnostics } from "./sshDiagnostics";

/**
 * Every diagnostic of the library: its code, severity, text and fix; `docs/errors.md` is made from it.
 * VF0xx input, VF1xx safety and hosts, VF2xx analysis and, from VF280, panels. A code is never used again for something else.
 */
export const table = {
    ...inputDiagnostics,
    ...hostDiagnostics,
    ...sshDiagnostics,
    ...protocolDiagnostics,
    ...analysisDiagnostics,
    ...netcupDiagnostics,
    ...leasewebDiagnostics,
    ...panelDiagnostics,
} as const satisfies Record<`VF${number}`, Entry>;
