import { type Confirmed, type Target } from "../targets/ssh";
import type { HostInputs } from "./hostInputs";
import { headOf, type Manifest } from "./manifest";

/** What a restore applies, and for whom. */
export interface Restored {
    readonly resource: string;
    readonly inputs: HostInputs;
    readonly reachedAs: string | undefined;
}

/**
 * The rules of a backup, for the resource that the host belongs to now: that of the backup, unless another has adopted the
 * host since. The state of that resource then finds them as drift. What only its program says (management sources,
 * seconds to confirm) no host knows.
 */
export function restored(target: Target, backup: Manifest, confirmed: Confirmed | undefined): Restored {
    const { owner, resource, host } = headOf(confirmed?.manifest) ?? backup;
    // What these three say is made anew by whoever reads the host.
    const inputs = { ...backup.policy, target, owner, exposure: {}, base: "", boot: "", rulesFormat: 1 } as const;
    return { resource, inputs, reachedAs: host };
}
