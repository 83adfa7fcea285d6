import { type Diagnostic, diagnostic, fail } from "../core/model/diagnostics";
import type { Target } from "../targets/ssh";

/** What one deployment knows of its resources and the machines they turned out to be. */
export interface MachineClaims {
    /** To be told of every resource that the program has, changed or not. */
    has(target: Partial<Target> | undefined): void;
    /** Does the program have a resource that is reached at this address? */
    isClaimed(host: string): boolean;
    /** Of two resources that are applied to one machine the second is refused (VF105). */
    apply(resource: string, host: string, machine: string): void;
    /** Of two resources of a state that turn out to be one machine: what to say of the second. */
    read(resource: string, host: string, machine: string): Diagnostic | undefined;
    /** A resource that is gone no longer claims its machine. */
    release(resource: string): void;
}

interface Claim {
    readonly resource: string;
    readonly host: string;
}

export function openClaims(): MachineClaims {
    const applied = new Map<string, Claim>();
    const seen = new Map<string, Claim>();
    const addresses = new Set<string>();
    return {
        has(target) {
            if (target?.host !== undefined) addresses.add(target.host);
        },
        isClaimed: (host) => addresses.has(host),
        apply(resource, host, machine) {
            const other = applied.get(machine);
            if (other && other.resource !== resource) fail("VF105", { first: other.host, second: host, machine });
            applied.set(machine, { resource, host });
        },
        read(resource, host, machine) {
            const other = seen.get(machine);
            if (other && other.resource !== resource)
                return diagnostic("VF105", { first: other.host, second: host, machine });
            seen.set(machine, { resource, host });
            return undefined;
        },
        release(resource) {
            for (const [machine, claim] of applied) if (claim.resource === resource) applied.delete(machine);
        },
    };
}
