/**
 * Property values as they travel between program, engine and provider and as the state file keeps them: plain JSON,
 * where an object with the signature key stands for something else (a secret, an asset, a resource).
 */
export type Value = null | boolean | number | string | readonly Value[] | Properties;

/** A map of property values by name. */
export interface Properties {
    readonly [key: string]: Value;
}

/** A value that stands behind a signature. */
export interface Signed extends Properties {
    readonly [signatureKey]: string;
}

export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";
export const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What a value that is not known yet looks like on the wire, in a preview. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Properties whose name starts like this are the SDK's own (`__provider`) and are never shown. */
export const isInternalKey = (key: string): boolean => key.startsWith("__");

export const isUnknown = (value: Value | undefined): boolean => value === unknownValue;

export function isObject(value: Value | undefined): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
    return Array.isArray(value);
}

function hasSignature(value: Value | undefined, signature: string): value is Signed {
    return isObject(value) && value[signatureKey] === signature;
}

export const isSecret = (value: Value | undefined): value is Signed => hasSignature(value, secretSignature);
export const isAsset = (value: Value | undefined): value is Signed => hasSignature(value, assetSignature);
export const isArchive = (value: Value | undefined): value is Signed => hasSignature(value, archiveSignature);
export const isResourceReference = (value: Value | undefined): value is Signed =>
    hasSignature(value, resourceSignature);

/** An object of the program's own, whose keys mean what they say. */
export function isPlainObject(value: Value | undefined): value is Properties {
    return isObject(value) && value[signatureKey] === undefined;
}

export function secret(value: Value): Value {
    return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** Keeps the keys of an object and changes its values. */
export function mapProperties(object: Properties, change: (value: Value, key: string) => Value): Properties {
    return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** The same value with every secret replaced by what `replace` makes of its content. */
function mapSecrets(value: Value, replace: (content: Value) => Value): Value {
    if (isSecret(value)) {
        return replace(value["value"] ?? null);
    }
    if (isList(value)) {
        return value.map((item) => mapSecrets(item, replace));
    }
    return isObject(value) ? mapProperties(value, (item) => mapSecrets(item, replace)) : value;
}

function mapSecretsOf(object: Properties, replace: (content: Value) => Value): Properties {
    return mapProperties(object, (value) => mapSecrets(value, replace));
}

const revealValue = (value: Value): Value => mapSecrets(value, revealValue);

/** All secrets in clear, for a provider that does not know about them. */
export const reveal = (object: Properties): Properties => mapProperties(object, revealValue);

/** All secrets as the text `[secret]`, for everything a person reads. */
export const redact = (object: Properties): Properties => mapSecretsOf(object, () => "[secret]");

export function contains(value: Value, found: (value: Value) => boolean): boolean {
    if (found(value)) {
        return true;
    }
    if (isList(value)) {
        return value.some((item) => contains(item, found));
    }
    return isObject(value) && Object.values(value).some((item) => contains(item, found));
}

export const containsSecret = (value: Value): boolean => contains(value, isSecret);

/**
 * Marks what became of a secret: a property of the same name, as deep as both sides are objects. A provider that gets
 * plain values gives plain values back, and nothing else remembers which of them were secret.
 */
export function markSecrets(result: Properties, source: Properties): Properties {
    return mapProperties(result, (value, key) => {
        const from = source[key];
        if (from === undefined) {
            return value;
        }
        if (isPlainObject(value) && isPlainObject(from)) {
            return markSecrets(value, from);
        }
        return containsSecret(from) ? secret(value) : value;
    });
}

/** Equal in all that the engine compares: an absent property equals null, an asset is its hash. */
export function deepEquals(a: Value | undefined, b: Value | undefined): boolean {
    if (a === b) {
        return true;
    }
    if (isList(a)) {
        return isList(b) && a.length === b.length && a.every((item, index) => deepEquals(item, b[index]));
    }
    if (isAsset(a) && isAsset(b)) {
        return a["hash"] === b["hash"];
    }
    if (isResourceReference(a) && isResourceReference(b)) {
        return a["urn"] === b["urn"] && deepEquals(a["id"] ?? null, b["id"] ?? null);
    }
    if (isObject(a) && isObject(b)) {
        return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
            deepEquals(a[key] ?? null, b[key] ?? null),
        );
    }
    return false;
}
