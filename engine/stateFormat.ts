import { EngineError } from "./errors";
import type { Crypter } from "./secrets";
import type { CustomTimeouts, Deployment, OperationType, ResourceState } from "./state";
import { isList, isObject, isSecret, mapProperties, secretSignature, signatureKey } from "./values";
import type { Properties, Value } from "./values";

/** A resource in the state file and in JSON previews: empty fields are left out. */
export interface ResourceJson {
    readonly urn: string;
    readonly custom: boolean;
    readonly delete?: true;
    readonly id?: string;
    readonly type: string;
    readonly inputs?: Properties;
    readonly outputs?: Properties;
    readonly parent?: string;
    readonly protect?: true;
    readonly dependencies?: readonly string[];
    readonly initErrors?: readonly string[];
    readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
    readonly pendingReplacement?: true;
    readonly additionalSecretOutputs?: readonly string[];
    readonly customTimeouts?: CustomTimeouts;
    readonly deletedWith?: string;
    readonly ignoreChanges?: readonly string[];
    readonly hideDiff?: readonly string[];
}

/** The state file: the shape of Pulumi's deployment, version 3. */
export interface StateJson {
    readonly version: 3;
    readonly deployment: {
        readonly manifest: { readonly time: string; readonly magic: string; readonly version: string };
        readonly secrets_providers: { readonly type: "passphrase"; readonly state: { readonly salt: string } };
        readonly resources: readonly ResourceJson[];
        readonly pending_operations?: readonly { readonly resource: ResourceJson; readonly type: OperationType }[];
    };
}

type Convert = (value: Value) => Value;

const encrypted =
    (crypter: Crypter): Convert =>
    (value) => {
        if (isSecret(value)) {
            const plaintext = JSON.stringify(value["value"] ?? null);
            return { [signatureKey]: secretSignature, ciphertext: crypter.encrypt(plaintext) };
        }
        return within(value, encrypted(crypter));
    };

const decrypted =
    (crypter: Crypter): Convert =>
    (value) => {
        if (isSecret(value) && typeof value["ciphertext"] === "string") {
            const plaintext = crypter.decrypt(value["ciphertext"]);
            return { [signatureKey]: secretSignature, value: JSON.parse(plaintext) as Value };
        }
        return within(value, decrypted(crypter));
    };

function within(value: Value, convert: Convert): Value {
    if (isList(value)) {
        return value.map(convert);
    }
    return isObject(value) ? mapProperties(value, convert) : value;
}

const filled = <T extends object>(part: T | undefined): part is T => part !== undefined && Object.keys(part).length > 0;

/** A resource as JSON, its values changed by `convert`. */
export function resourceToJson(resource: ResourceState, convert: (properties: Properties) => Properties): ResourceJson {
    return {
        urn: resource.urn,
        custom: resource.custom,
        ...(resource.pendingDelete && { delete: true as const }),
        ...(resource.id && { id: resource.id }),
        type: resource.type,
        ...(filled(resource.inputs) && { inputs: convert(resource.inputs) }),
        ...(filled(resource.outputs) && { outputs: convert(resource.outputs) }),
        ...(resource.parent !== undefined && { parent: resource.parent }),
        ...(resource.protect && { protect: true as const }),
        ...(filled(resource.dependencies) && { dependencies: resource.dependencies }),
        ...(filled(resource.initErrors) && { initErrors: resource.initErrors }),
        ...(filled(resource.propertyDependencies) && { propertyDependencies: resource.propertyDependencies }),
        ...(resource.pendingReplacement && { pendingReplacement: true as const }),
        ...(filled(resource.additionalSecretOutputs) && { additionalSecretOutputs: resource.additionalSecretOutputs }),
        ...(filled(resource.customTimeouts) && { customTimeouts: resource.customTimeouts }),
        ...(resource.deletedWith !== undefined && { deletedWith: resource.deletedWith }),
        ...(filled(resource.ignoreChanges) && { ignoreChanges: resource.ignoreChanges }),
        ...(filled(resource.hideDiffs) && { hideDiff: resource.hideDiffs }),
    };
}

function resourceFromJson(json: ResourceJson, convert: (properties: Properties) => Properties): ResourceState {
    return {
        urn: json.urn,
        type: json.type,
        custom: json.custom,
        ...(json.id !== undefined && { id: json.id }),
        inputs: convert(json.inputs ?? {}),
        outputs: convert(json.outputs ?? {}),
        ...(json.parent !== undefined && { parent: json.parent }),
        protect: json.protect ?? false,
        dependencies: json.dependencies ?? [],
        propertyDependencies: json.propertyDependencies ?? {},
        initErrors: json.initErrors ?? [],
        ...(json.deletedWith !== undefined && { deletedWith: json.deletedWith }),
        additionalSecretOutputs: json.additionalSecretOutputs ?? [],
        ignoreChanges: json.ignoreChanges ?? [],
        hideDiffs: json.hideDiff ?? [],
        ...(json.customTimeouts !== undefined && { customTimeouts: json.customTimeouts }),
        pendingDelete: json.delete ?? false,
        pendingReplacement: json.pendingReplacement ?? false,
    };
}

export function toStateJson(deployment: Deployment, crypter: Crypter): StateJson {
    const convert = (properties: Properties): Properties => mapProperties(properties, encrypted(crypter));
    return {
        version: 3,
        deployment: {
            manifest: { time: new Date().toISOString(), magic: "", version: "embedded" },
            secrets_providers: { type: "passphrase", state: { salt: crypter.salt } },
            resources: deployment.resources.map((resource) => resourceToJson(resource, convert)),
            ...(deployment.pendingOperations.length > 0 && {
                pending_operations: deployment.pendingOperations.map(({ resource, type }) => ({
                    resource: resourceToJson(resource, convert),
                    type,
                })),
            }),
        },
    };
}

export function fromStateJson(json: StateJson, crypter: Crypter): Deployment {
    if (json.version !== 3) {
        throw new EngineError(`the state file has version ${String(json.version)}, this engine reads version 3`);
    }
    const convert = (properties: Properties): Properties => mapProperties(properties, decrypted(crypter));
    return {
        resources: json.deployment.resources.map((resource) => resourceFromJson(resource, convert)),
        pendingOperations: (json.deployment.pending_operations ?? []).map(({ resource, type }) => ({
            resource: resourceFromJson(resource, convert),
            type,
        })),
    };
}
