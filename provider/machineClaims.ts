import { type Diagnostic, diagnostic, fail } from "../core/model/diagnostics";
import type { Target } from "../targets/ssh";

// One deployment is one process: what is kept here is what this deployment knows of its other resources.

interface Claim {
    readonly resource: string;
    readonly host: string;
}

const applied = new Map<string, Claim>();
const read = new Map<string, Claim>();

const addresses = new Set<string>();

/** To be told of every resource that the program of this deployment has, changed or not. */
export function claimAddress(target: Partial<Target> | undefined): void {
    if (target?.host !== undefined) addresses.add(target.host);
}

/** Does the program have a resource that is reached at this address? */
export function isClaimed(host: string): boolean {
    return addresses.has(host);
}

/** Of two resources of one deployment that are applied to one machine the second is refused (VF105). */
export function claimMachine(resource: string, host: string, machine: string): void {
    const other = applied.get(machine);
    if (other && other.resource !== resource) fail("VF105", { first: other.host, second: host, machine });
    applied.set(machine, { resource, host });
}

/** Of two resources of a state that turn out to be one machine, the second that is read. */
export function readTwice(resource: string, host: string, machine: string): Diagnostic | undefined {
    const other = read.get(machine);
    if (other && other.resource !== resource) return diagnostic("VF105", { first: other.host, second: host, machine });
    read.set(machine, { resource, host });
    return undefined;
}

/** A resource that is gone no longer claims its machine. */
export function releaseMachines(resource: string): void {
    for (const [machine, claim] of applied) if (claim.resource === resource) applied.delete(machine);
}
