import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import type { Target } from "../targets/ssh";
import type { HostOutputs } from "./hostInputs";

/**
 * What there is to say where the machine that answers is not the one that the state knows: a server replaced behind its
 * address, or a connection that leads to another server now. Nothing is assumed of the new one.
 */
export function otherMachine(
    known: Pick<HostOutputs, "machineId" | "target"> | undefined,
    { host }: Target,
    machineId: string,
): Diagnostic | undefined {
    if (known === undefined || known.machineId === machineId) return undefined;
    const before = known.machineId;
    if (known.target.host === host) return diagnostic("VF108", { host, now: machineId, before });
    return diagnostic("VF126", { host, now: machineId, former: known.target.host, before });
}
