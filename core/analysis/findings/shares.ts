import type { Rule } from "../../model/rule";
import type { Diagram } from "../diagram";
import { and, butNot, meet, orElse, type Question } from "../operations";
import { joined, type RuleTree, type Segment, VERDICT } from "../ruleTree";
import { verdictOf } from "../verdicts";

/** What one rule contributes. */
export interface Share {
    /** The packets that it may decide: those it may match and that no earlier rule surely takes. */
    readonly decides: Diagram;
    /**
     * Taking it out changes the fate of no packet, together with all others of which this is said. Rules that decide nothing
     * are not among these.
     */
    readonly spare: boolean;
}

/**
 * The share of each rule. Every part is asked with what surely comes before it, cut down to the packets that it is about, and
 * so with what comes after it as long as that decides alike; so each question stays as small as its rules. What decides
 * otherwise is only looked into until it does.
 */
export function sharesOf({ diagrams, rules, root, first, otherwise }: RuleTree): Share[] {
    const shares: Share[] = [];
    // In one order: two parts are each cut down to the other, and what is sure is often all there may be.
    const only = (a: Diagram, b: Diagram) => (a < b ? diagrams.combine(and, a, b) : diagrams.combine(and, b, a));
    /** Gives the rules that are kept. The later part first: `after` is what is kept of it and what comes then. */
    const visit = (at: Segment, before: Diagram, after: readonly Follower[]): Segment | undefined => {
        if (!at.halves) {
            const decides = diagrams.combine(butNot, at.may, before);
            const spare = decides !== 0 && isSpare(rules[at.first]!.rule, decides, after);
            shares[at.first] = { decides, spare };
            return spare || decides === 0 ? undefined : at;
        }
        const earlier = at.halves[0];
        const later = at.halves[1];
        const taken = diagrams.combine(orElse, only(before, later.may), only(earlier.sure, later.may));
        const second = visit(later, taken, cutDown(after, later));
        const follows = second ? [followerOf(second), ...after] : after;
        const kept = visit(earlier, only(before, earlier.may), cutDown(follows, earlier));
        if (kept === earlier && second === later) return at;
        return kept && second ? joined(diagrams, first, kept, second) : (kept ?? second);
    };
    /** Those first that decide as all of a part does become one that is only about packets of this part. */
    const cutDown = (after: readonly Follower[], { verdict, may }: Segment): readonly Follower[] => {
        const count = after.findIndex((follower) => follower.verdict !== verdict);
        const alike = count < 0 ? after : after.slice(0, count);
        if (verdict === undefined || alike.length === 0) return after;
        const sure = alike.map((follower) => only(follower.sure, may)).reduce((a, b) => diagrams.combine(orElse, a, b));
        return [...(sure === 0 ? [] : [{ sure, verdict }]), ...after.slice(alike.length)];
    };
    const isSpare = (rule: Rule, decides: Diagram, after: readonly Follower[]): boolean => {
        // What it logs is lost without it.
        if (rule.log) return false;
        const verdict = verdictOf(rule);
        let left = decides;
        for (const { sure, verdict: all, verdicts = sure } of after) {
            if (all !== verdict && diagrams.some(all === undefined ? OTHER_THAN[verdict]! : meet, left, verdicts))
                return false;
            if (diagrams.some(meet, left, sure)) left = diagrams.combine(butNot, left, sure);
        }
        return left === 0 || verdict === otherwise;
    };
    if (root) visit(root, 0, []);
    return shares;
}

/** What may decide a packet that a rule leaves. */
interface Follower {
    readonly sure: Diagram;
    /** Of all that it matches, all of which it surely matches. */
    readonly verdict?: number | undefined;
    /** Where that differs. */
    readonly verdicts?: Diagram;
}

function followerOf({ sure, verdict, verdicts }: Segment): Follower {
    return verdict === undefined ? { sure, verdicts } : { sure, verdict };
}

/** By verdict: is some packet decided, and otherwise? */
const OTHER_THAN: readonly Question[] = Array.from(
    { length: VERDICT.limited },
    (_, verdict): Question =>
        (packets, verdicts) => {
            if (packets === 0 || verdicts === 0 || verdicts === verdict) return false;
            return verdicts <= VERDICT.limited ? true : undefined;
        },
);
