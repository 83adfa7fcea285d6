import { messageOf } from "./errors";
import { Bail } from "./events";
import type { EngineEvent } from "./events";
import { createResource, markOutputs, updateResource } from "./providerCalls";
import type { PartialFailure, ResourceProvider } from "./provider";
import type { Snapshot } from "./snapshot";
import type { ResourceState } from "./state";
import type { Step } from "./steps";
import { deepEquals } from "./values";
import { depart } from "./wire";

/** What applying steps needs of the deployment around it. */
export interface ApplyContext {
    readonly dryRun: boolean;
    readonly snapshot: Snapshot;
    readonly provider: (type: string) => Promise<ResourceProvider>;
    readonly emit: (event: EngineEvent) => void;
    /** Whether this deployment deletes the resource of this URN. */
    readonly deletes: (urn: string) => boolean;
}

/**
 * Does what a step says and writes down what came of it. Gives back what the resource is now. Throws a Bail once the
 * failure has been said and the state holds what is left.
 */
export async function applyStep(context: ApplyContext, step: Step): Promise<ResourceState | undefined> {
    context.emit({ kind: "begin", step });
    try {
        const state = await perform(context, step);
        // Components tell their outputs later, by themselves.
        if (context.dryRun || (step.new ?? step.old)?.custom || step.op === "delete") {
            context.emit({ kind: "outputs", step: { ...step, ...(state && { new: state }) }, op: step.op });
        }
        return state;
    } catch (error) {
        const prefix = context.dryRun ? "Preview failed: " : "";
        const message = `${prefix}${messageOf(error)}`;
        context.emit({ kind: "diagnostic", diagnostic: { severity: "error", urn: step.urn, message } });
        context.emit({ kind: "failed", step });
        throw new Bail(messageOf(error));
    }
}

function perform(context: ApplyContext, step: Step): Promise<ResourceState | undefined> {
    const { old, new: now } = step;
    switch (step.op) {
        case "same":
            return Promise.resolve(old && now && applySame(context, old, now));
        case "create":
        case "create-replacement":
            return now ? applyCreate(context, now, old) : Promise.resolve(undefined);
        case "update":
            return old && now ? applyUpdate(context, old, now) : Promise.resolve(undefined);
        case "delete":
        case "delete-replaced":
            return old ? applyDelete(context, step, old) : Promise.resolve(undefined);
        case "replace":
        case "refresh":
            return Promise.resolve(now);
    }
}

function applySame(context: ApplyContext, old: ResourceState, now: ResourceState): ResourceState {
    if (deepEquals(JSON.parse(JSON.stringify(old)), JSON.parse(JSON.stringify(now)))) {
        context.snapshot.carryOver(old);
        return old;
    }
    context.snapshot.end(now, { made: now, gone: old });
    return now;
}

const previewed = (state: ResourceState): ResourceState =>
    // This kind of provider cannot preview: what was asked for is all that is known of what will come.
    state.custom ? { ...state, outputs: markOutputs(state, state.inputs) } : state;

async function applyCreate(
    context: ApplyContext,
    wanted: ResourceState,
    replaced: ResourceState | undefined,
): Promise<ResourceState> {
    const created = context.dryRun
        ? { state: previewed(wanted) }
        : wanted.custom
          ? await create(context, wanted)
          : { state: wanted };
    const deletedBefore = context.snapshot
        .current()
        .resources.find(({ urn, pendingReplacement }) => pendingReplacement && urn === wanted.urn);
    context.snapshot.end(wanted, { made: created.state, ...(deletedBefore && { gone: deletedBefore }) });
    if (replaced && !deletedBefore) {
        context.snapshot.replace(replaced, { ...replaced, pendingDelete: true });
    }
    return finish(created);
}

interface Attempt {
    readonly state: ResourceState;
    readonly failure?: PartialFailure;
}

// What stopped half way has been written down with its reasons; the step itself has failed.
function finish(attempt: Attempt): ResourceState {
    if (attempt.failure) {
        throw attempt.failure;
    }
    return attempt.state;
}

async function create(context: ApplyContext, wanted: ResourceState): Promise<Attempt> {
    const provider = await context.provider(wanted.type);
    context.snapshot.begin(wanted, "creating");
    const outcome = await orForget(context, wanted, () => createResource(provider, wanted));
    if (outcome.id === "") {
        context.snapshot.end(wanted, {});
        throw new Error("provider did not return an ID from Create");
    }
    const state = { ...wanted, id: outcome.id, outputs: outcome.outputs };
    return outcome.failure
        ? { state: { ...state, initErrors: outcome.failure.reasons }, failure: outcome.failure }
        : { state };
}

async function applyUpdate(context: ApplyContext, old: ResourceState, wanted: ResourceState): Promise<ResourceState> {
    if (context.dryRun || !wanted.custom) {
        const state = context.dryRun ? previewed(wanted) : wanted;
        context.snapshot.end(wanted, { made: state, gone: old });
        return state;
    }
    const provider = await context.provider(wanted.type);
    context.snapshot.begin(wanted, "updating");
    const outcome = await orForget(context, wanted, () => updateResource(provider, old, wanted));
    const updated = { ...wanted, outputs: outcome.outputs };
    // The inputs that failed are not what the resource was made with; the outputs are what it is.
    const state = outcome.failure ? { ...updated, inputs: old.inputs, initErrors: outcome.failure.reasons } : updated;
    context.snapshot.end(wanted, { made: state, gone: old });
    return finish({ state, ...(outcome.failure && { failure: outcome.failure }) });
}

async function applyDelete(context: ApplyContext, step: Step, old: ResourceState): Promise<undefined> {
    if (old.protect && step.op === "delete") {
        throw new Error(
            `resource "${old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, remove the \`protect\` flag from it and run an update`,
        );
    }
    const goesAlong = old.deletedWith !== undefined && context.deletes(old.deletedWith);
    if (!context.dryRun && old.custom && !goesAlong) {
        const provider = await context.provider(old.type);
        context.snapshot.begin(old, "deleting");
        await orForget(context, old, () =>
            provider.delete(old.urn, old.id ?? "", depart(old.inputs), depart(old.outputs)),
        );
    }
    // Deleted before its replacement exists: it stays in the state until that is created.
    if (step.op === "delete-replaced" && !old.pendingDelete) {
        context.snapshot.end(old, {});
        context.snapshot.replace(old, { ...old, pendingReplacement: true });
    } else {
        context.snapshot.end(old, { gone: old });
    }
    return undefined;
}

// A call that failed as a whole leaves the old state as it was.
async function orForget<T>(context: ApplyContext, resource: ResourceState, call: () => Promise<T>): Promise<T> {
    try {
        return await call();
    } catch (error) {
        context.snapshot.end(resource, {});
        throw error;
    }
}
