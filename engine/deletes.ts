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

/** Deletes a resource once everything that depends on it is gone; after a failure nothing new is begun. */
export async function runDeletes(steps: readonly Step[], apply: (step: Step) => Promise<unknown>): Promise<void> {
    const running = new Map<Step, Promise<unknown>>();
    let failed = false;
    const run = (step: Step): Promise<unknown> => {
        const known = running.get(step);
        if (known) {
            return known;
        }
        const dependents = steps.filter((other) => other !== step && needs(other, step));
        const started = Promise.all(dependents.map(run)).then(async () => {
            if (failed) {
                throw new Bail("stopped");
            }
            try {
                await apply(step);
            } catch (error) {
                failed = true;
                throw error;
            }
        });
        running.set(step, started);
        return started;
    };
    const results = await Promise.allSettled(steps.map(run));
    if (results.some(({ status }) => status === "rejected")) {
        throw new Bail("a delete failed");
    }
}

function needs(dependent: Step, step: Step): boolean {
    if (dependent.old === undefined || dependent.urn === step.urn) {
        return false;
    }
    return dependenciesOf(dependent.old).has(step.urn);
}
