import type { ApplyOptions, ApplyOutcome } from "./protocol";

/** One apply: probe, plan, arm and load, confirm over a new connection. */
export async function applyRuleset(_options: ApplyOptions): Promise<ApplyOutcome> {
    throw new Error("not written yet");
}
