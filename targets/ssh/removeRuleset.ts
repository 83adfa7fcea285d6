import type { RemoveOptions, RemoveOutcome } from "./protocol";

/** Removes our table and everything we keep on the host, if it carries this resource's mark. */
export async function removeRuleset(_options: RemoveOptions): Promise<RemoveOutcome> {
    throw new Error("not written yet");
}
