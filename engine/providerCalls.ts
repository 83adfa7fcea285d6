import { detailedDiffOf, diffProperties, changedKeys } from "./diff";
import type { DetailedDiff } from "./diff";
import { PartialFailure } from "./provider";
import type { CheckFailure, ResourceProvider } from "./provider";
import { parsePath } from "./propertyPath";
import type { PropertyPath } from "./propertyPath";
import type { ResourceState } from "./state";
import { isList, isPlainObject, markSecrets, secret } from "./values";
import type { Properties, Value } from "./values";
import { depart } from "./wire";

// Providers get values in clear and give values in clear: here is where secrets are taken off and put back.

export async function checkInputs(
    provider: ResourceProvider,
    urn: string,
    old: Properties,
    now: Properties,
): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    const { inputs, failures } = await provider.check(urn, depart(old), depart(now));
    return { inputs: markSecrets(inputs, now), failures };
}

export interface ResourceDiff {
    readonly changed: boolean;
    readonly diffReasons: readonly string[];
    readonly replaceReasons: readonly string[];
    readonly deleteBeforeReplace: boolean;
    readonly detailedDiff?: DetailedDiff;
}

/** Asks the provider; where it does not know, compares old inputs with new ones. */
export async function diffResource(
    provider: ResourceProvider,
    old: ResourceState,
    inputs: Properties,
    ignoreChanges: readonly string[],
): Promise<ResourceDiff> {
    const answer = await provider.diff(
        old.urn,
        old.id ?? "",
        { inputs: depart(old.inputs), outputs: depart(old.outputs) },
        depart(inputs),
    );
    const said = { replaceReasons: answer.replaces, deleteBeforeReplace: answer.deleteBeforeReplace };
    if (answer.changes !== "unknown") {
        return { changed: answer.changes === "some", diffReasons: [], ...said };
    }
    const diff = diffProperties(old.inputs, withIgnored(inputs, old.inputs, ignoreChanges));
    return diff === undefined
        ? { changed: false, diffReasons: [], ...said }
        : { changed: true, diffReasons: changedKeys(diff), detailedDiff: detailedDiffOf(diff), ...said };
}

/** Puts the old value back wherever changes are to be ignored. */
export function withIgnored(inputs: Properties, old: Properties, ignoreChanges: readonly string[]): Properties {
    return ignoreChanges.reduce<Properties>(
        (result, text) => reset(result, old, parsePath(text)) as Properties,
        inputs,
    );
}

function reset(now: Value | undefined, old: Value | undefined, path: PropertyPath): Value | undefined {
    const [key, ...rest] = path;
    if (key === undefined) {
        return old;
    }
    if (isPlainObject(now) && isPlainObject(old) && typeof key === "string") {
        const keys = key === "*" ? [...new Set([...Object.keys(now), ...Object.keys(old)])] : [key];
        const kept = Object.entries(now).filter(([name]) => !keys.includes(name));
        const changed = keys.map((name) => [name, reset(now[name], old[name], rest)] as const);
        return Object.fromEntries([...kept, ...changed].filter((entry) => entry[1] !== undefined)) as Properties;
    }
    if (isList(now) && isList(old)) {
        return now.map((item, index) =>
            key === "*" || key === index ? (reset(item, old[index], rest) ?? item) : item,
        );
    }
    return now;
}

/** What became of a create, an update or a read that may have stopped half way. */
export interface Outcome {
    readonly id: string;
    readonly outputs: Properties;
    readonly inputs?: Properties;
    readonly failure?: PartialFailure;
}

export async function createResource(provider: ResourceProvider, state: ResourceState): Promise<Outcome> {
    return settle(state, state.inputs, async () => provider.create(state.urn, depart(state.inputs)));
}

export async function updateResource(
    provider: ResourceProvider,
    old: ResourceState,
    state: ResourceState,
): Promise<Outcome> {
    return settle(state, state.inputs, async () => ({
        id: old.id ?? "",
        outputs: await provider.update(
            state.urn,
            old.id ?? "",
            { inputs: depart(old.inputs), outputs: depart(old.outputs) },
            depart(state.inputs),
        ),
    }));
}

export async function readResource(provider: ResourceProvider, state: ResourceState): Promise<Outcome> {
    return settle(state, state.outputs, async () =>
        provider.read(state.urn, state.id ?? "", depart(state.inputs), depart(state.outputs)),
    );
}

async function settle(
    state: ResourceState,
    source: Properties,
    call: () => Promise<{ id: string; outputs: Properties; inputs?: Properties }>,
): Promise<Outcome> {
    const marked = (result: { id: string; outputs: Properties; inputs?: Properties | undefined }): Outcome => ({
        id: result.id,
        outputs: markOutputs(state, markSecrets(result.outputs, source)),
        ...(result.inputs && { inputs: markSecrets(result.inputs, state.inputs) }),
    });
    try {
        return marked(await call());
    } catch (error) {
        if (error instanceof PartialFailure) {
            return { ...marked(error), failure: error };
        }
        throw error;
    }
}

/** Outputs that carry the name of a secret input, or that the program named, are secrets. */
export function markOutputs(state: ResourceState, outputs: Properties): Properties {
    const named = new Set(state.additionalSecretOutputs);
    return Object.fromEntries(
        Object.entries(markSecrets(outputs, state.inputs)).map(([key, value]) => [
            key,
            named.has(key) ? secret(value) : value,
        ]),
    );
}
