import { NOT_KNOWN_YET } from "../core/model/formatRule";

/**
 * How Pulumi's engine writes a value that is not known in a preview, by the kind it will have
 * (sdk/go/common/resource/plugin/rpc.go). Old engines and SDKs send the one for strings whatever the kind.
 */
const SENTINELS = new Set([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isUnknown(value: unknown): boolean {
    return typeof value === "string" && SENTINELS.has(value);
}

/** The same data with every unknown value as the words that previews show, which is what the model understands. */
export function withUnknownsInWords(value: unknown): unknown {
    if (isUnknown(value)) return NOT_KNOWN_YET;
    if (Array.isArray(value)) return value.map(withUnknownsInWords);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknownsInWords(item)]));
}
