import type { Properties } from "./values";

/** One resource as the engine remembers it. */
export interface ResourceState {
    readonly urn: string;
    readonly type: string;
    /** False for a component, which has no provider and nothing outside the program. */
    readonly custom: boolean;
    /** Absent for components, and in previews for what is not created yet. */
    readonly id?: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    readonly parent?: string;
    readonly protect: boolean;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    /** Why the last operation on it stopped half way; the next update tries again. */
    readonly initErrors: readonly string[];
    readonly deletedWith?: string;
    readonly additionalSecretOutputs: readonly string[];
    readonly ignoreChanges: readonly string[];
    readonly hideDiffs: readonly string[];
    readonly customTimeouts?: CustomTimeouts;
    /** Replaced, but not deleted yet. */
    readonly pendingDelete: boolean;
    /** Deleted, but its replacement is not created yet. */
    readonly pendingReplacement: boolean;
}

/** Durations as the program wrote them, for example `5m`. */
export interface CustomTimeouts {
    readonly create?: string;
    readonly update?: string;
    readonly delete?: string;
    readonly read?: string;
}

export type OperationType = "creating" | "updating" | "deleting" | "reading";

/** Written before a provider is called, removed after it answered: what is left comes from an engine that was killed. */
export interface PendingOperation {
    readonly resource: ResourceState;
    readonly type: OperationType;
}

export interface Deployment {
    readonly resources: readonly ResourceState[];
    readonly pendingOperations: readonly PendingOperation[];
}

export const emptyDeployment: Deployment = { resources: [], pendingOperations: [] };

export const rootStackType = "pulumi:pulumi:Stack";

/** The type of a URN, with the types of the resources around it, `$` between. */
export const qualifiedTypeOf = (urn: string): string => urn.split("::")[2] ?? "";

export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** `urn:pulumi:<stack>::<project>::<types>::<name>`. */
export function urnOf(stack: string, project: string, parent: string | undefined, type: string, name: string): string {
    const around = parent === undefined ? rootStackType : qualifiedTypeOf(parent);
    const types = around === rootStackType ? type : `${around}$${type}`;
    return `urn:pulumi:${stack}::${project}::${types}::${name}`;
}

/** Everything that has to be there as long as this resource is. */
export function dependenciesOf(resource: ResourceState): ReadonlySet<string> {
    return new Set([
        ...resource.dependencies,
        ...Object.values(resource.propertyDependencies).flat(),
        ...(resource.parent === undefined ? [] : [resource.parent]),
        ...(resource.deletedWith === undefined ? [] : [resource.deletedWith]),
    ]);
}
