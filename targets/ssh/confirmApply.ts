import { dialAnew, sleep } from "./dialAnew";
import type { OpenApply } from "./findOut";
import { timingOf } from "./probeHost";
import type { ApplyOutcome, ProtocolSession, Timing } from "./protocol";
import { LostAnswer, toldBy, valueOf } from "./protocolAnswer";
import { messageOf, Refusal, runStep } from "./protocolStep";

type Confirmation =
    | Extract<ApplyOutcome, { kind: "confirmed" }>
    | { readonly kind: "unconfirmed"; readonly reason: string; readonly then: "wait" | "withdraw" };

/**
 * Confirms over new connections until one succeeds or the host's deadline has passed. `complete` makes a listing whole that left
 * out the elements of large sets, where the host still holds them.
 */
export async function confirmApply(
    apply: OpenApply,
    until: number,
    complete: (listing: string) => string | undefined,
): Promise<Confirmation> {
    const { options, applyId } = apply;
    const timing = timingOf(options);
    const window = options.confirmSeconds ?? 60;
    let reason = `no new SSH connection could be opened within ${window} s`;
    for (let pause = 500; Date.now() < until; pause = Math.min(2 * pause, 5000)) {
        let session;
        try {
            session = await dialAnew(
                options.confirmBy ?? options.connect,
                Math.min(timing.dial * 1000, until - Date.now()),
            );
        } catch (error) {
            reason = `no new SSH connection could be opened within ${window} s (${messageOf(error)})`;
            await sleep(Math.min(pause, Math.max(until - Date.now(), 0)));
            continue;
        }
        try {
            await options.onStage?.("connected", applyId);
            const step = {
                name: "confirm",
                filter: apply.probe.filter,
                timing,
                variables: { apply_id: applyId, whole: options.complete ? "no" : "yes" },
            } as const;
            const left = Math.max((until - Date.now()) / 1000, 1);
            const answer = await runStep(session, step, left + timing.load);
            if (!answer.values.has("confirmed")) throw new LostAnswer("the host does not say that it is");
            for (const note of toldBy(answer, "note")) options.progress?.("confirming", note);
            const saved = valueOf(answer, "boot-state")?.startsWith("enabled ") ? "saved for boot" : "saved";
            options.progress?.("confirming", `over a new connection ... confirmed, ${saved}`);
            await options.onStage?.("confirmed", applyId);
            const short = answer.sections.get("listing") ?? "";
            const listing = complete(short) ?? (await wholeListing(session, timing));
            return { kind: "confirmed", probe: apply.probe, listing, generation: apply.generation, applyId };
        } catch (error) {
            reason = `it could not be confirmed (${messageOf(error)})`;
            if (error instanceof Refusal && error.word === "too-late") {
                return { kind: "unconfirmed", reason: "the confirmation came too late", then: "wait" };
            }
            if (error instanceof Refusal && error.word === "commit-failed") {
                return { kind: "unconfirmed", reason: "the host could not save it", then: "withdraw" };
            }
            await sleep(Math.min(pause, Math.max(until - Date.now(), 0)));
        } finally {
            session.close();
        }
    }
    return { kind: "unconfirmed", reason, then: "wait" };
}

/** Where somebody wrote into a large set just then. */
async function wholeListing(session: ProtocolSession, timing: Timing): Promise<string> {
    const answer = await runStep(session, { name: "list", filter: {}, timing }, 3 * timing.load).catch(() => undefined);
    return answer?.sections.get("listing") ?? "";
}
