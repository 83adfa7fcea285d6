import type { DetailedDiff, DiffKind } from "./diff";
import { EngineError, notImplemented } from "./errors";
import { Bail } from "./events";
import type { Diagnostic } from "./events";
import { parsePath, pathContains } from "./propertyPath";
import { checkInputs, diffResource, withIgnored } from "./providerCalls";
import type { ResourceDiff } from "./providerCalls";
import type { ResourceProvider } from "./provider";
import type { Registration } from "./registration";
import { dependenciesOf, nameOf } from "./state";
import type { ResourceState } from "./state";
import { stepOf } from "./steps";
import type { Step } from "./steps";
import { deepEquals, redact } from "./values";

/** What planning needs to know of the deployment around it. */
export interface PlanContext {
    readonly dryRun: boolean;
    readonly old: (urn: string) => ResourceState | undefined;
    readonly olds: () => readonly ResourceState[];
    readonly provider: (type: string) => Promise<ResourceProvider>;
    readonly say: (diagnostic: Diagnostic) => void;
}

/** The steps that make one registration true, in the order in which they have to run. */
export async function planResource(context: PlanContext, urn: string, registration: Registration): Promise<Step[]> {
    const old = context.old(urn);
    if (old !== undefined && old.custom !== registration.custom) {
        throw notImplemented(`turning a component into a resource of the same name (${urn})`);
    }
    const wanted = goalOf(urn, registration);
    if (!registration.custom) {
        return planComponent(old, wanted);
    }
    const provider = await context.provider(registration.type);
    const checked = await check(context, provider, wanted, old);
    if (old === undefined) {
        return [stepOf("create", urn, { new: checked })];
    }
    const diff = withReplacements(
        await diffResource(provider, old, checked.inputs, registration.ignoreChanges),
        registration.replaceOnChanges,
    );
    if ((diff.changed && diff.replaceReasons.length > 0) || old.pendingReplacement) {
        const fresh = await check(context, provider, wanted, undefined);
        return planReplacement(context, registration, old, fresh, diff);
    }
    const reasons = { diffReasons: diff.diffReasons, ...(diff.detailedDiff && { detailedDiff: diff.detailedDiff }) };
    const unfinished = old.initErrors.length > 0;
    return diff.changed || unfinished
        ? [stepOf("update", urn, { old, new: { ...checked, id: old.id ?? "" }, ...reasons })]
        : [same(old, checked)];
}

function planComponent(old: ResourceState | undefined, wanted: ResourceState): Step[] {
    if (old === undefined) {
        return [stepOf("create", wanted.urn, { new: wanted })];
    }
    return deepEquals(old.inputs, wanted.inputs)
        ? [same(old, wanted)]
        : [stepOf("update", wanted.urn, { old, new: wanted })];
}

function same(old: ResourceState, wanted: ResourceState): Step {
    const kept = { ...wanted, outputs: old.outputs, ...(old.id !== undefined && { id: old.id }) };
    return stepOf("same", old.urn, { old, new: kept });
}

function goalOf(urn: string, registration: Registration): ResourceState {
    return {
        urn,
        type: registration.type,
        custom: registration.custom,
        inputs: registration.inputs,
        outputs: {},
        ...(registration.parent !== undefined && { parent: registration.parent }),
        protect: registration.protect,
        dependencies: registration.dependencies,
        propertyDependencies: registration.propertyDependencies,
        initErrors: [],
        ...(registration.deletedWith !== undefined && { deletedWith: registration.deletedWith }),
        additionalSecretOutputs: registration.additionalSecretOutputs,
        ignoreChanges: registration.ignoreChanges,
        hideDiffs: registration.hideDiffs,
        customTimeouts: registration.customTimeouts,
        pendingDelete: false,
        pendingReplacement: false,
    };
}

async function check(
    context: PlanContext,
    provider: ResourceProvider,
    wanted: ResourceState,
    old: ResourceState | undefined,
): Promise<ResourceState> {
    const asked = old ? withIgnored(wanted.inputs, old.inputs, wanted.ignoreChanges) : wanted.inputs;
    const { inputs, failures } = await checkInputs(provider, wanted.urn, old?.inputs ?? {}, asked);
    for (const { property, reason } of failures) {
        const value = redact(inputs)[property];
        const message =
            property === ""
                ? `${wanted.type} resource '${nameOf(wanted.urn)}' has a problem: ${reason}`
                : `${wanted.type} resource '${nameOf(wanted.urn)}': property ${property} value ${show(value)} has a problem: ${reason}`;
        context.say({ severity: "error", urn: wanted.urn, message });
    }
    if (failures.length > 0) {
        throw new Bail(`resource ${wanted.urn} is invalid`);
    }
    return { ...wanted, inputs };
}

const show = (value: unknown): string => (value === undefined ? "{<nil>}" : JSON.stringify(value));

/** Turns changes of the paths in `replaceOnChanges` into reasons to replace. */
function withReplacements(diff: ResourceDiff, replaceOnChanges: readonly string[]): ResourceDiff {
    if (!diff.changed || replaceOnChanges.length === 0) {
        return diff;
    }
    const patterns = replaceOnChanges.map(parsePath);
    const forces = (path: readonly (string | number)[]): boolean =>
        patterns.some((pattern) => pathContains(pattern, path));
    const detailedDiff: DetailedDiff | undefined = diff.detailedDiff?.map((change) =>
        forces(change.path) && !change.kind.endsWith("-replace")
            ? { ...change, kind: `${change.kind}-replace` as DiffKind }
            : change,
    );
    const forced = diff.diffReasons.filter((key) => forces([key]));
    return {
        ...diff,
        ...(detailedDiff && { detailedDiff }),
        replaceReasons: [...new Set([...diff.replaceReasons, ...forced])],
    };
}

function planReplacement(
    context: PlanContext,
    registration: Registration,
    old: ResourceState,
    fresh: ResourceState,
    diff: ResourceDiff,
): Step[] {
    if (old.protect && fresh.protect) {
        throw new EngineError(`unable to replace resource "${old.urn}"\nas it is currently marked for protection`);
    }
    const reasons = {
        diffReasons: diff.diffReasons,
        replaceReasons: diff.replaceReasons,
        ...(diff.detailedDiff && { detailedDiff: diff.detailedDiff }),
    };
    const create = stepOf("create-replacement", old.urn, { old, new: fresh, ...reasons });
    const replace = stepOf("replace", old.urn, { old, new: fresh, ...reasons });
    const deleteFirst = registration.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    if (old.pendingReplacement) {
        return [replace, create];
    }
    if (!deleteFirst) {
        return [create, replace];
    }
    const dependent = context.olds().find((other) => dependenciesOf(other).has(old.urn));
    if (dependent) {
        throw notImplemented(
            `deleteBeforeReplace of a resource that others depend on (${old.urn}, needed by ${dependent.urn})`,
        );
    }
    return [stepOf("delete-replaced", old.urn, { old, replaceReasons: diff.replaceReasons }), replace, create];
}
