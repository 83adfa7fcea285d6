import { parseBoundedJson } from "../../core/model/boundedJson";
import type { Confirmed } from "./protocol";

/** What is written as confirmed.json: a line for each value, so that a change of a few is sent as these lines. */
export function storedText({ applyId, generation, manifest }: Omit<Confirmed, "text">): string {
    return `${JSON.stringify({ format: 1, applyId, generation, manifest }, null, 1)}\n`;
}

/**
 * confirmed.json as applyRuleset writes it, of the apply with this id; undefined where it was damaged by hand, or is that
 * of another apply.
 */
export function readStored(text: string, applyId: string): Confirmed | undefined {
    try {
        const stored = parseBoundedJson(text);
        if (typeof stored !== "object" || stored === null || !("generation" in stored) || !("manifest" in stored))
            return undefined;
        const { generation, manifest } = stored;
        const own = "applyId" in stored && stored.applyId === applyId;
        return own && isGeneration(generation) ? { applyId, generation, manifest } : undefined;
    } catch {
        return undefined;
    }
}

/** Not so large that one more could not be counted. */
function isGeneration(value: unknown): value is number {
    return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 1e12;
}
