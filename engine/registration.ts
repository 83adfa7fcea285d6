import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { notImplemented } from "./errors";
import type { CustomTimeouts } from "./state";
import { fromStruct } from "./stubs";
import { arrive } from "./wire";
import type { Properties } from "./values";

/** What the program asks for: one resource and its options. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    readonly parent?: string;
    readonly inputs: Properties;
    readonly dependencies: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly hideDiffs: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    readonly deleteBeforeReplace?: boolean;
    readonly deletedWith?: string;
    readonly customTimeouts: CustomTimeouts;
}

// Every field of a registration is either read below or named here: silence would look like support.
const refused: readonly (readonly [string, (request: RegisterResourceRequest) => boolean])[] = [
    ["aliases", (request) => request.getAliasesList().length + request.getAliasurnsList().length > 0],
    ["import", (request) => request.getImportid() !== ""],
    ["provider", (request) => request.getProvider() !== ""],
    ["providers", (request) => request.getProvidersMap().getLength() > 0],
    ["remote components", (request) => request.getRemote()],
    ["retainOnDelete", (request) => request.getRetainondelete() === true],
    ["replaceWith", (request) => request.getReplaceWithList().length > 0],
    ["replacementTrigger", (request) => request.hasReplacementTrigger()],
    ["transforms", (request) => request.getTransformsList().length > 0],
    ["hooks", (request) => hasHooks(request)],
    ["envVarMappings", (request) => request.getEnvvarmappingsMap().getLength() > 0],
    ["pluginDownloadURL", (request) => request.getPlugindownloadurl() !== ""],
    ["pluginChecksums", (request) => request.getPluginchecksumsMap().getLength() > 0],
    ["parameterized packages", (request) => request.getPackageref() !== ""],
];

function hasHooks(request: RegisterResourceRequest): boolean {
    const hooks = request.getHooks();
    return hooks !== undefined && Object.values(hooks.toObject()).some((list) => list.length > 0);
}

/** Reads a registration; relative paths of assets start at `directory`. Throws an EngineError that names what this engine does not implement. */
export function readRegistration(request: RegisterResourceRequest, directory: string): Registration {
    const found = refused.find(([, present]) => present(request));
    if (found) {
        throw notImplemented(`${found[0]} (${request.getType()} ${request.getName()})`);
    }
    const propertyDependencies: Record<string, readonly string[]> = {};
    request.getPropertydependenciesMap().forEach((dependencies, key) => {
        propertyDependencies[key] = dependencies.getUrnsList();
    });
    return {
        type: request.getType(),
        name: request.getName(),
        custom: request.getCustom(),
        ...(request.getParent() !== "" && { parent: request.getParent() }),
        inputs: arrive(fromStruct(request.getObject()), directory),
        dependencies: request.getDependenciesList(),
        propertyDependencies,
        protect: request.getProtect() ?? false,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        hideDiffs: request.getHidediffsList(),
        additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        ...(request.getDeletebeforereplacedefined() && { deleteBeforeReplace: request.getDeletebeforereplace() }),
        ...(request.getDeletedwith() !== "" && { deletedWith: request.getDeletedwith() }),
        customTimeouts: timeoutsOf(request),
    };
}

function timeoutsOf(request: RegisterResourceRequest): CustomTimeouts {
    const timeouts = request.getCustomtimeouts();
    const set = Object.entries({
        create: timeouts?.getCreate() ?? "",
        update: timeouts?.getUpdate() ?? "",
        delete: timeouts?.getDelete() ?? "",
        read: timeouts?.getRead() ?? "",
    }).filter(([, duration]) => duration !== "");
    return Object.fromEntries(set);
}
