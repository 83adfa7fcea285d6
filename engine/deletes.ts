import { Bail } from "./events";
import { dependenciesOf } from "./state";
import type { ResourceState } from "./state";
import { stepOf } from "./steps";
import type { Step } from "./steps";

/** One step for each resource that nothing asks for any more. */
export function planDeletes(resources: readonly ResourceState[], wanted: (urn: string) => boolean): Step[] {
    return resources
        .filter((resource) => resource.pendingDelete || !wanted(resource.urn))
        .map((old) => stepOf(old.pendingDelete ? "delete-replaced" : "delete", old.urn, { old }))
        .reverse();
}

/**
 * Deletes in waves, first what nothing depends on, then what nothing depends on any more. After a wave in which a delete
 * failed nothing new is begun.
 */
export async function runDeletes(steps: readonly Step[], apply: (step: Step) => Promise<unknown>): Promise<void> {
    for (let left = steps; left.length > 0;) {
        const wave = left.filter((step) => !left.some((other) => needs(other, step)));
        const results = await Promise.allSettled(wave.map(apply));
        if (wave.length === 0 || results.some(({ status }) => status === "rejected")) {
            throw new Bail("a delete failed");
        }
        const done = new Set(wave);
        left = left.filter((step) => !done.has(step));
    }
}

function needs(dependent: Step, step: Step): boolean {
    return dependent.urn !== step.urn && dependent.old !== undefined && dependenciesOf(dependent.old).has(step.urn);
}
