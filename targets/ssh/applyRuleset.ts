import { createHash, randomBytes } from "node:crypto";

import { lineEdits } from "../../core/model/lineEdits";
import { confirmApply } from "./confirmApply";
import { findOut, type OpenApply } from "./findOut";
import { filterWords } from "./filterWords";
import { probeSettled, timingOf } from "./probeHost";
import type { ApplyOptions, ApplyOutcome, Plan, PlanDelta, Probe, ProtocolSession } from "./protocol";
import { toldBy } from "./protocolAnswer";
import { protocolError } from "./protocolErrors";
import { explain, LostAnswer, Refusal, runStep } from "./protocolStep";
import { storedText } from "./stored";

/** How often a host may change between probe and apply before the user hears of it. */
const TRIES = 5;

/**
 * One apply: probe, plan, arm and load in one round trip, confirm over a new connection. When it is not confirmed, the
 * host goes back by itself; this waits for that and says what the host runs then.
 *
 * @example
 * const outcome = await applyRuleset({
 *     host: "192.0.2.10",
 *     connect: (signal) => openSession(target, credentials, surroundings, { signal }),
 *     plan: (probe, applyId) => ({ forward, boot: forward, manifest: {} }),
 *     verify: (probe, listing) => undefined,
 * });
 * @throws FirewallError VF160 to VF172, what `connect` and `plan` throw: the host was not changed
 */
export async function applyRuleset(options: ApplyOptions): Promise<ApplyOutcome> {
    const session = await options.connect(new AbortController().signal);
    try {
        for (let tries = 1; ; tries++) {
            const outcome = await applyOnce(session, options, randomBytes(8).toString("hex"));
            if (outcome !== "changed") return outcome;
            if (tries === TRIES) throw protocolError("VF164", options.host);
        }
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}

async function applyOnce(
    session: ProtocolSession,
    options: ApplyOptions,
    applyId: string,
): Promise<ApplyOutcome | "changed"> {
    const probe = await probeSettled(session, options);
    if (probe.failure !== undefined) {
        options.progress?.("checking", protocolError("VF112", options.host, probe.failure).message);
    }
    for (const repair of probe.repairs) options.progress?.("checking", `the host ${repair}`);
    options.progress?.("checking", `${filterWords(probe.filter)}, ${rulesetWords(probe)}`);
    await options.onStage?.("probed", applyId);

    const plan = await options.plan(probe, applyId);
    if (plan === "unchanged") return { kind: "unchanged", probe };

    const apply: OpenApply = { options, probe, applyId, generation: (probe.confirmed?.generation ?? 0) + 1 };
    let armed = await armAndLoad(session, apply, plan);
    if (armed.kind === "misfit") armed = await armAndLoad(session, apply, { ...plan, delta: undefined });
    if (armed.kind === "changed" || armed.kind === "misfit") return "changed";
    if (armed.kind === "lost") return findOut(apply, armed.reason, "withdraw");
    await options.onStage?.("loaded", applyId);

    const listing = completed(armed.listing, apply, plan);
    const problem =
        listing === ""
            ? "the loaded ruleset cannot be listed"
            : listing === undefined
              ? "its large address sets do not hold what was sent"
              : options.verify(probe, listing);
    if (problem !== undefined) {
        await withdraw(session, apply);
        return findOut(apply, problem, "withdraw");
    }

    const confirmed = await confirmApply(apply, armed.until, (short) => completed(short, apply, plan));
    if (confirmed.kind === "unconfirmed") return findOut(apply, confirmed.reason, confirmed.then);
    return confirmed;
}

/** What of large sets was left out, from what was sent, if the host holds that. */
function completed(listing: string, { options, probe }: OpenApply, { manifest }: Plan): string | undefined {
    if (listing.trim() === "" || !options.complete) return listing.trim() === "" ? "" : listing;
    return options.complete(listing, probe.filter.backend, manifest);
}

type Armed =
    | { readonly kind: "loaded"; readonly listing: string; /** Date.now() at the deadline */ readonly until: number }
    | { readonly kind: "changed" }
    /** The delta does not fit what the host has; nothing was changed. */
    | { readonly kind: "misfit" }
    | { readonly kind: "lost"; readonly reason: string };

async function armAndLoad(session: ProtocolSession, apply: OpenApply, plan: Plan): Promise<Armed> {
    const { options, probe, applyId, generation } = apply;
    const timing = timingOf(options);
    const confirmSeconds = options.confirmSeconds ?? 60;
    const manifest = storedText({ applyId, generation, manifest: plan.manifest ?? null });
    const delta = plan.delta && withManifest(plan.delta, probe.confirmed?.text, manifest);
    if (delta) options.progress?.("applying", "only the elements that differ are sent");
    try {
        const answer = await runStep(
            session,
            {
                name: "arm",
                filter: probe.filter,
                timing,
                variables: {
                    apply_id: applyId,
                    confirm_seconds: confirmSeconds,
                    whole: options.complete ? "no" : "yes",
                    takeover: options.takeover ? "yes" : "no",
                    expected_print: probe.fingerprint,
                    expected_confirmed: probe.confirmed?.applyId ?? "",
                    boot_from: delta?.from ?? "",
                    boot_is: delta ? digestOf(plan.boot) : "",
                    manifest_from: delta?.manifest.from ?? "",
                    manifest_is: delta ? digestOf(manifest) : "",
                },
                payloads: {
                    forward: delta?.forward ?? plan.forward,
                    boot: delta?.edits ?? plan.boot,
                    manifest: delta?.manifest.edits ?? manifest,
                    back: delta?.back ?? plan.back ?? "",
                },
            },
            timing.lock + 7 * timing.load + timing.track,
        );
        for (const note of toldBy(answer, "note")) options.progress?.("applying", note);
        options.onTakeover?.(toldBy(answer, "taken"), toldBy(answer, "kept"));
        options.progress?.("applying", `armed: the host goes back by itself in ${confirmSeconds} s unless confirmed`);
        const until = Date.now() + confirmSeconds * 1000;
        return { kind: "loaded", listing: answer.sections.get("listing") ?? "", until };
    } catch (error) {
        if (error instanceof Refusal && (error.word === "changed" || error.word === "pending"))
            return { kind: "changed" };
        if (error instanceof Refusal && error.word === "delta-refused" && delta) return { kind: "misfit" };
        // Whether it was loaded, the host could not tell.
        if (error instanceof Refusal && error.word === "unsettled")
            return { kind: "lost", reason: `it could not be loaded (${error.detail})` };
        if (error instanceof LostAnswer) {
            return {
                kind: "lost",
                reason: `the connection was lost while the change was being loaded (${error.message})`,
            };
        }
        throw error;
    }
}

/** A delta with what makes the file of the manifest of the confirmed one; none where that is not known, or in another order. */
function withManifest(delta: PlanDelta, confirmed: string | undefined, next: string) {
    if (confirmed === undefined) return undefined;
    const edits = lineEdits(confirmed.split("\n"), next.split("\n"));
    return edits && { ...delta, manifest: { from: digestOf(confirmed), edits: edits.join("\n") } };
}

/** As host/filter.sh makes it of a file. */
function digestOf(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}

/** Asks for the way back at once; where that fails, the host goes back at its deadline. */
async function withdraw(session: ProtocolSession, apply: OpenApply): Promise<void> {
    const timing = timingOf(apply.options);
    const step = {
        name: "withdraw",
        filter: apply.probe.filter,
        timing,
        variables: { apply_id: apply.applyId },
    } as const;
    await runStep(session, step, timing.lock + 3 * timing.load).catch(() => undefined);
}

function rulesetWords({ table, confirmed, filter }: Probe): string {
    const [one, name] = filter.backend === "nftables" ? ["table", "table vps_firewall"] : ["chain", "chains VPSFW"];
    if (table === "absent") return `no ${one} of ours`;
    if (confirmed === undefined)
        return filter.backend === "nftables" ? `a ${name} that is not ours` : `${name} that are not ours`;
    return `${name} generation ${confirmed.generation}`;
}
