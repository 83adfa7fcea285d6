import { TooMuchWork } from "../core/analysis/diagram";
import { type Finding, unproven } from "../core/analysis/findings/findings";
import { formatPacket } from "../core/analysis/witness";
import {
    type Backend,
    CannotExpress,
    type Dialect,
    type Installed,
    type RulesetSource,
} from "../core/dialects/dialect";
import { dialects } from "../core/dialects/dialects";
import { UnreadableRuleset } from "../core/dialects/unreadable";
import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { notKnownYet } from "../core/model/storedPolicy";
import { differenceOf } from "./readableListing";

/** Whoever owns a ruleset, it means the same. */
const NOBODY = {
    owner: "0000000000000000",
    resource: "00000000-0000-0000-0000-000000000000",
    applyId: "0000000000000000",
};

/** What came of the proof that a ruleset means its policy: VF201 (it does not), VF248 (that would take too long). */
export interface Proof {
    readonly problem?: Diagnostic;
    readonly finding?: Finding;
}

/** Of what would be loaded, on a host with all programs if nothing is said. What is not known yet is proved when it is. */
export function proofOfRendered(policy: Policy, backend: Backend, installed?: Installed): Proof {
    const dialect = dialects[backend];
    if (notKnownYet(policy) !== undefined) return {};
    try {
        const problem = problemOf(dialect, { text: dialect.render(policy, NOBODY, installed) }, policy);
        return problem === undefined ? {} : { problem: diagnostic("VF201", { problem }, "templates") };
    } catch (error) {
        if (error instanceof CannotExpress) return { problem: cannotExpress(error) };
        if (!(error instanceof TooMuchWork)) throw error;
        return { finding: unproven(policy) };
    }
}

function cannotExpress({ key: rule, field, problem }: CannotExpress): Diagnostic {
    return diagnostic("VF203", { rule, field, problem }, "templates");
}

/** In what way a listing made after loading is not the policy: by its parts as we wrote them, then by what it means (VF202). */
export function loadedProblem(host: string, backend: Backend, listing: string, policy: Policy): string | undefined {
    const dialect = dialects[backend];
    const different = differenceOf(dialect, listing, policy);
    if (different !== undefined) return different;
    try {
        // A copy, so that its packet sets are not kept while the host is waited for.
        const problem = problemOf(dialect, { listing }, { ...policy });
        return problem === undefined ? undefined : diagnostic("VF202", { host, problem }).message;
    } catch (error) {
        // The preview has said so (VF248), and the listing is what was rendered, part by part.
        if (error instanceof TooMuchWork) return undefined;
        throw error;
    }
}

/** @throws TooMuchWork */
function problemOf(dialect: Dialect, source: RulesetSource, policy: Policy): string | undefined {
    try {
        const difference = dialect.prove(source, policy);
        if (!difference) return undefined;
        const { packet, conditions, meant, done } = difference;
        const where = conditions.length === 0 ? "" : ` (${conditions.join(", ")})`;
        return `${formatPacket(packet)}${where} is ${wordsOf(done)}, the templates say ${wordsOf(meant)}`;
    } catch (error) {
        if (error instanceof UnreadableRuleset) return `it can't be read again: ${error.message}`;
        throw error;
    }
}

/** A verdict of the dialect for a reader: what it does to a packet. */
function wordsOf(verdict: string): string {
    const words: Record<string, string> = { accept: "accepted", drop: "dropped", "port-unreachable": "rejected" };
    return words[verdict] ?? `rejected with ${verdict}`;
}
