import { dialects } from "../core/dialects/dialects";
import { FirewallError } from "../core/model/diagnostics";
import { applyRuleset, type ApplyOptions, type ApplyOutcome, type Probe } from "../targets/ssh";
import { planApply, type Wish, wishOf } from "./applyHost";
import type { Contact } from "./contact";
import { policyFor } from "./containers";
import { withFormerWay } from "./formerWay";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { checkLockout, checkManagementSources } from "./lockoutCheck";
import { otherMachine } from "./machineIdentity";
import { readable } from "./readableListing";
import { loadedProblem } from "./translation";

// A connection that changes (another port, address or jump host), together with rules that accept only the new one: the
// present ruleset may not let the new way in, and the new one does not let the former. So it takes two phases, each a
// whole apply with a revert of its own: first the new rules with the former way beside them, then the new rules alone.

/** Whether the new way answers already; if not, whether the former one still does. */
export type Answering =
    | { readonly by: "new" }
    | { readonly by: "former"; readonly newProblem: string }
    | { readonly by: "neither"; readonly newProblem: string; readonly formerProblem: string };

export async function whichAnswers(fresh: Contact, former: Contact): Promise<Answering> {
    const newProblem = await silence(fresh);
    if (newProblem === undefined) return { by: "new" };
    // Only silence is a reason to go by the former way: a wrong key or a refused login stays an error.
    if (newProblem.code !== "VF140") throw newProblem;
    const formerProblem = await silence(former);
    if (formerProblem === undefined) return { by: "former", newProblem: newProblem.message };
    return { by: "neither", newProblem: newProblem.message, formerProblem: formerProblem.message };
}

async function silence({ knock }: Contact): Promise<FirewallError | undefined> {
    try {
        const session = await knock();
        session.close();
        return undefined;
    } catch (error) {
        if (error instanceof FirewallError) return error;
        throw error;
    }
}

/** Of a host that the state knows already. */
export type KnownWish = Wish & { readonly known: HostOutputs };

/** How the first phase ended; `after` is what the host runs where it was confirmed. */
export interface Opened {
    readonly outcome: ApplyOutcome;
    readonly before: Probe | undefined;
    readonly after: Probe | undefined;
}

/** The first phase: over the former way, confirmed over the new one. */
export async function openNewWay(
    wish: KnownWish,
    fresh: Contact,
    former: Contact,
    options: Pick<ApplyOptions, "progress" | "timing" | "confirmSeconds" | "backend">,
): Promise<Opened> {
    let before: Probe | undefined;
    let both: Wish = wish;
    let manifest: unknown;
    const outcome = await applyRuleset({
        ...options,
        host: former.target.host,
        connect: former.connect,
        confirmBy: fresh.connect,
        withText: true,
        plan: (probe, applyId) => {
            before = probe;
            wish.tell(otherMachine(wish.known, former.target, probe.machineId));
            checkNewWay(wish, probe, fresh, former);
            both = wishOf({ ...wish, inputs: inputsForBoth(wish, probe) });
            const plan = planApply(both, probe, applyId);
            if (plan !== "unchanged") manifest = plan.manifest;
            return plan;
        },
        verify: (probe, listing) =>
            loadedProblem(former.target.host, probe.filter.backend, listing, policyFor(both, probe)),
    });
    return { outcome, before, after: afterwards(outcome, manifest) };
}

/** The management sources are proved for the new port instead, and at the session's they need not come in any more. */
function inputsForBoth({ inputs, known }: KnownWish, probe: Probe): HostInputs {
    const { managementSources: _, ...others } = withFormerWay(inputs, probe);
    return { ...others, target: known.target };
}

/** Proves of the new way what can be known of it before it was ever used. */
function checkNewWay(wish: Wish, probe: Probe, fresh: Contact, former: Contact): void {
    if (wish.inputs.lockoutCheck === "off") return;
    const { connection } = probe;
    const samePlace = fresh.target.host === former.target.host && !fresh.target.proxy && !former.target.proxy;
    // Where the host sees another port than we do, somebody on the way translates, and the new port would be too.
    if (connection && samePlace && connection.serverPort === former.port)
        checkLockout(wish, {
            connection: { ...connection, serverPort: fresh.port },
            way: { ...probe.way, tunnels: [] },
        });
    else checkManagementSources(wish, fresh.port);
}

function afterwards(outcome: ApplyOutcome, manifest: unknown): Probe | undefined {
    if (outcome.kind === "unchanged") return outcome.probe;
    if (outcome.kind !== "confirmed") return undefined;
    const { probe, listing, generation, applyId } = outcome;
    const { mark } = readable("the host", () => dialects[probe.filter.backend].read(listing));
    return { ...probe, table: "marked", mark, listing, confirmed: { applyId, generation, manifest } };
}

/** Says in the reason of a failure in which phase it was. */
export function inPhase1(outcome: ApplyOutcome, fresh: string): ApplyOutcome {
    if (outcome.kind !== "reverted" && outcome.kind !== "unknown") return outcome;
    return { ...outcome, reason: `phase 1 of 2 was to be confirmed over ${fresh}, and ${outcome.reason}` };
}
