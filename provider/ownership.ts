import { createHash } from "node:crypto";
import { diagnostic, fail, quote } from "../core/model/diagnostics";
import type { Probe } from "../targets/ssh";
import type { Wish } from "./applyHost";
import { readManifest } from "./manifest";

/** 16 hex digits that stand for a stack on the host. */
export function hashOwner(owner: string): string {
    return createHash("sha256").update(owner).digest("hex").slice(0, 16);
}

/** One host, one stack: refuses a host of another stack, unless the program adopts it. */
export function checkOwner({ inputs, resource, tell }: Wish, probe: Probe): void {
    // The mark may have been destroyed, or the whole table flushed; what was confirmed still says whose host it is.
    const manifest = readManifest(probe.confirmed?.manifest);
    const hash = probe.mark?.owner ?? (manifest && hashOwner(manifest.owner));
    if (hash === undefined) return;
    const { host } = inputs.target;
    if (hash === hashOwner(inputs.owner)) {
        const other = probe.mark?.resource ?? manifest?.resource;
        if (other !== resource) tell(diagnostic("VF107", { host }));
        return;
    }
    const owner = manifest?.owner ?? hash;
    if (inputs.adopt !== owner) fail("VF104", { host, owner: quote(owner), adopt: quote(owner) });
}

/** Which resource this process applied to which machine: one deployment is one process. */
const machines = new Map<string, { readonly resource: string; readonly host: string }>();

/** Of two resources of one deployment on one machine the second is refused. */
export function claimMachine({ resource, inputs: { target } }: Wish, { machineId }: Probe): void {
    const other = machines.get(machineId);
    if (other && other.resource !== resource)
        fail("VF105", { first: other.host, second: target.host, machine: machineId });
    machines.set(machineId, { resource, host: target.host });
}

/** A resource that is gone no longer claims its machine. */
export function releaseMachines(resource: string): void {
    for (const [machine, claim] of machines) if (claim.resource === resource) machines.delete(machine);
}
