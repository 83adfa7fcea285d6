import { invertDiff } from "./diff";
import { messageOf } from "./errors";
import { Bail } from "./events";
import type { EngineEvent } from "./events";
import { diffResource, readResource } from "./providerCalls";
import type { ResourceDiff } from "./providerCalls";
import type { ResourceProvider } from "./provider";
import type { Snapshot } from "./snapshot";
import type { ResourceState } from "./state";
import { stepOf } from "./steps";
import type { Op, Step } from "./steps";

export interface RefreshContext {
    readonly snapshot: Snapshot;
    readonly provider: (type: string) => Promise<ResourceProvider>;
    readonly emit: (event: EngineEvent) => void;
    readonly limit: <T>(task: () => Promise<T>) => Promise<T>;
    /** A refresh of its own reports what it found; one that opens another operation only that it looked. */
    readonly alone: boolean;
}

/** Reads everything that is managed and puts what is there into the state. */
export async function refreshAll(context: RefreshContext): Promise<void> {
    const { resources, pendingOperations } = context.snapshot.current();
    const results = await Promise.allSettled(
        resources.map((resource) => context.limit(() => refreshOne(context, resource))),
    );
    forgetGone(context.snapshot);
    if (results.some(({ status }) => status === "rejected")) {
        throw new Bail("refresh failed");
    }
    for (const { resource } of pendingOperations) {
        context.snapshot.end(resource, {});
    }
}

/** Nothing may depend on what turned out to be gone. */
function forgetGone(snapshot: Snapshot): void {
    const { resources } = snapshot.current();
    const there = new Set(resources.map(({ urn }) => urn));
    const left = (urns: readonly string[]): string[] => urns.filter((urn) => there.has(urn));
    for (const resource of resources) {
        const { deletedWith, ...rest } = resource;
        const byProperty = Object.entries(resource.propertyDependencies).map(
            ([key, urns]) => [key, left(urns)] as const,
        );
        snapshot.replace(resource, {
            ...rest,
            dependencies: left(resource.dependencies),
            propertyDependencies: Object.fromEntries(byProperty.filter(([, urns]) => urns.length > 0)),
            ...(deletedWith !== undefined && there.has(deletedWith) && { deletedWith }),
        });
    }
}

async function refreshOne(context: RefreshContext, old: ResourceState): Promise<void> {
    const step = stepOf("refresh", old.urn, { old, new: old });
    context.emit({ kind: "begin", step });
    if (!old.custom || old.pendingReplacement) {
        report(context, step, "same");
        return;
    }
    try {
        await readOne(context, step, old);
    } catch (error) {
        const diagnostic = { severity: "error" as const, urn: old.urn, message: messageOf(error) };
        context.emit({ kind: "diagnostic", diagnostic });
        context.emit({ kind: "failed", step });
        throw error;
    }
}

async function readOne(context: RefreshContext, step: Step, old: ResourceState): Promise<void> {
    const provider = await context.provider(old.type);
    const live = await readResource(provider, old);
    if (live.id === "") {
        context.snapshot.end(old, { gone: old });
        report(context, { op: step.op, urn: step.urn, old, diffReasons: [], replaceReasons: [] }, "delete");
        return;
    }
    const reasons = live.failure?.reasons ?? [];
    if (reasons.length > 0) {
        const message = `Refreshed resource is in an unhealthy state:\n* ${reasons.join("\n* ")}`;
        context.emit({ kind: "diagnostic", diagnostic: { severity: "warning", urn: old.urn, message } });
    }
    const now: ResourceState = {
        ...old,
        id: live.id,
        inputs: live.inputs ?? old.inputs,
        outputs: live.outputs,
        initErrors: reasons,
    };
    // Seen as the update that would undo it, then turned round: what changed out there.
    const diff = await diffResource(provider, now, old.inputs, old.ignoreChanges);
    context.snapshot.replace(old, now);
    report(context, foundStep(old, now, diff), diff.changed ? "update" : "same");
}

function foundStep(old: ResourceState, now: ResourceState, diff: ResourceDiff): Step {
    return stepOf("refresh", old.urn, {
        old,
        new: now,
        diffReasons: diff.diffReasons,
        ...(diff.detailedDiff && { detailedDiff: invertDiff(diff.detailedDiff) }),
    });
}

function report(context: RefreshContext, step: Step, found: Op): void {
    context.emit({ kind: "outputs", step, op: context.alone ? found : "refresh" });
}
