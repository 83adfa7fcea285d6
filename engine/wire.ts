import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { notImplemented } from "./errors";
import {
    assetSignature,
    isArchive,
    isAsset,
    isList,
    isObject,
    isResourceReference,
    isSecret,
    mapProperties,
    outputSignature,
    reveal,
    secret,
    signatureKey,
    unknownValue,
} from "./values";
import type { Properties, Value } from "./values";

/** Values from the program in the engine's form: output values resolved, assets with the hash of their content (paths start at `directory`). */
export function arrive(properties: Properties, directory: string): Properties {
    return mapProperties(properties, (value) => arriveValue(value, directory));
}

function arriveValue(value: Value, directory: string): Value {
    if (isList(value)) {
        return value.map((item) => arriveValue(item, directory));
    }
    if (!isObject(value)) {
        return value;
    }
    if (isArchive(value)) {
        throw notImplemented("archives");
    }
    if (isAsset(value)) {
        return withHash(value, directory);
    }
    if (value[signatureKey] === outputSignature) {
        const content = value["value"] === undefined ? unknownValue : arriveValue(value["value"], directory);
        return value["secret"] === true ? secret(content) : content;
    }
    return mapProperties(value, (item) => arriveValue(item, directory));
}

function withHash(asset: Properties, directory: string): Properties {
    const { path, text } = asset;
    if (typeof path !== "string" && typeof text !== "string") {
        throw notImplemented("remote assets");
    }
    const content = typeof path === "string" ? readFileSync(resolve(directory, path)) : (text as string);
    const hash = createHash("sha256").update(content).digest("hex");
    return { [signatureKey]: assetSignature, hash, ...(typeof path === "string" ? { path } : { text: text as Value }) };
}

/** Values for a provider that knows neither secrets nor resources: in clear, a resource by its id or its URN. */
export function depart(properties: Properties): Properties {
    return mapProperties(reveal(properties), departValue);
}

function departValue(value: Value): Value {
    if (isList(value)) {
        return value.map(departValue);
    }
    if (isResourceReference(value)) {
        const { id, urn } = value;
        return id === undefined || id === null ? (urn ?? null) : id === "" ? unknownValue : id;
    }
    return isObject(value) && !isSecret(value) ? mapProperties(value, departValue) : value;
}
