import type { StateFile } from "./stateFile";
import { dependenciesOf } from "./state";
import type { Deployment, OperationType, PendingOperation, ResourceState } from "./state";

/**
 * The state while a deployment runs: what steps have made so far, followed by what they have not reached yet. Every
 * change is on disk before the next one begins; a preview has no file and keeps it in memory.
 */
export interface Snapshot {
    /** Operations of an engine that was killed before it heard how they ended. */
    readonly interrupted: readonly PendingOperation[];
    readonly begin: (resource: ResourceState, type: OperationType) => void;
    /** Ends the operation on `resource`; what it made is in `made`, what it left behind in `gone`. */
    readonly end: (resource: ResourceState, change: { made?: ResourceState; gone?: ResourceState }) => void;
    /** The resource as it is now, in the place of another state of it. */
    readonly replace: (old: ResourceState, now: ResourceState) => void;
    /** Takes a resource over as it is, without a write: nothing that is kept of it has changed. */
    readonly carryOver: (old: ResourceState) => void;
    readonly current: () => Deployment;
}

export function openSnapshot(base: Deployment, file?: StateFile): Snapshot {
    const made: ResourceState[] = [];
    const left = new Set(base.resources);
    // Nobody knows what became of a create that was cut off, so it is remembered until somebody looks (refresh).
    const pending: PendingOperation[] = base.pendingOperations.filter(({ type }) => type === "creating");

    const current = (): Deployment => ({ resources: inOrder([...made, ...left]), pendingOperations: [...pending] });
    const save = (): void => file?.write(current());
    const forget = (resource: ResourceState): void => {
        const index = pending.findIndex((operation) => operation.resource === resource);
        if (index >= 0) {
            pending.splice(index, 1);
        }
    };
    const swap = (old: ResourceState, now: ResourceState): void => {
        const index = made.indexOf(old);
        if (index >= 0) {
            made[index] = now;
        } else if (left.delete(old)) {
            left.add(now);
        }
    };

    return {
        interrupted: base.pendingOperations,
        begin: (resource, type) => {
            pending.push({ resource, type });
            save();
        },
        end: (resource, change) => {
            forget(resource);
            if (change.gone && !left.delete(change.gone)) {
                const index = made.indexOf(change.gone);
                if (index >= 0) {
                    made.splice(index, 1);
                }
            }
            if (change.made) {
                made.push(change.made);
            }
            save();
        },
        replace: (old, now) => {
            swap(old, now);
            save();
        },
        carryOver: (old) => {
            if (left.delete(old)) {
                made.push(old);
            }
        },
        current,
    };
}

// A resource stands after all it depends on, so that a reader can go through the list once.
function inOrder(resources: readonly ResourceState[]): ResourceState[] {
    const waiting = new Set(resources);
    const names = new Map<string, ResourceState[]>();
    resources.forEach((resource) => names.set(resource.urn, [...(names.get(resource.urn) ?? []), resource]));
    const sorted: ResourceState[] = [];
    const place = (resource: ResourceState): void => {
        if (!waiting.delete(resource)) {
            return;
        }
        for (const urn of dependenciesOf(resource)) {
            names.get(urn)?.forEach(place);
        }
        sorted.push(resource);
    };
    resources.forEach(place);
    return sorted;
}
