import { dialAnew, sleep } from "./dialAnew";
import { probeOnce, timingOf } from "./probeHost";
import type { ApplyOptions, ApplyOutcome, Probe } from "./protocol";
import { runStep } from "./protocolStep";

/** An apply that was begun: what it needs to be brought to its end. */
export interface OpenApply {
    readonly options: ApplyOptions;
    /** Before the apply. */
    readonly probe: Probe;
    readonly applyId: string;
    /** The generation it gets once confirmed. */
    readonly generation: number;
}

/**
 * How an apply ended that this client could not confirm: waits until nothing is pending on the host and reads what it
 * runs. `withdraw` asks the host to go back at once instead of at its deadline.
 */
export async function findOut(apply: OpenApply, reason: string, how: "wait" | "withdraw"): Promise<ApplyOutcome> {
    const { options, applyId } = apply;
    const timing = timingOf(options);
    options.progress?.("confirming", `not confirmed: ${reason}; waiting for the host to go back`);
    // Where the answer of the load was lost, the deadline is that of the load and the window together.
    const window = how === "withdraw" ? timing.load + timing.track + (options.confirmSeconds ?? 60) : 0;
    const latest = Date.now() + (window + timing.giveUp + 2 * timing.reach) * 1000;
    let until = Date.now() + (window + timing.reach) * 1000;
    while (Date.now() < Math.min(until, latest)) {
        let wait = 1;
        try {
            const session = await dialAnew(options.connect, timing.dial * 1000);
            try {
                const probe = await probeOnce(session, options);
                if (probe.pending?.applyId !== applyId) return ended(apply, reason, probe);
                until = Date.now() + timing.reach * 1000;
                if (how === "withdraw") {
                    const step = {
                        name: "withdraw",
                        filter: probe.filter,
                        timing,
                        variables: { apply_id: applyId },
                    } as const;
                    await runStep(session, step, timing.lock + 3 * timing.load);
                } else {
                    wait += probe.pending.secondsLeft;
                    until += wait * 1000;
                }
            } finally {
                session.close();
            }
        } catch {
            // Not reachable yet, or lost again: the host goes back by itself, so looking again is all there is to do.
        }
        await sleep(wait * 1000);
    }
    return { kind: "unknown", reason, before: apply.probe };
}

function ended(apply: OpenApply, reason: string, probe: Probe): ApplyOutcome {
    const { applyId, generation } = apply;
    if (probe.confirmed?.applyId !== applyId) return { kind: "reverted", reason, probe };
    // The host had confirmed it, only its answer was lost.
    return { kind: "confirmed", probe: apply.probe, listing: probe.listing, generation, applyId };
}
