import type { Rule } from "../../model/rule";
import { butNot, type Diagram, orElse, type Question, within } from "../diagram";
import { type RuleTree, type Segment, VERDICT } from "../ruleTree";
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
 * The share of each rule. Every part is asked with what surely comes before it and with what is kept of what comes after it,
 * both cut down to the packets that it is about; so each question stays as small as its rules.
 */
export function sharesOf({ diagrams, rules, root, first, otherwise }: RuleTree): Share[] {
    const shares: Share[] = [];
    const only = (diagram: Diagram, packets: Diagram) => diagrams.combine(within, diagram, packets);
    const onlyOf = ({ sure, verdicts }: Kept, packets: Diagram): Kept => {
        const some = only(verdicts, packets);
        return { sure: sure === verdicts ? some : only(sure, packets), verdicts: some };
    };
    const followedBy = (a: Kept, b: Kept): Kept => {
        const verdicts = diagrams.combine(first, a.verdicts, b.verdicts);
        const isSame = a.sure === a.verdicts && b.sure === b.verdicts;
        return { sure: isSame ? verdicts : diagrams.combine(orElse, a.sure, b.sure), verdicts };
    };
    /** Gives the rules that are kept. The later part first. */
    const visit = (at: Segment, before: Diagram, after: Kept): Kept => {
        if (!at.halves) {
            const decides = diagrams.combine(butNot, at.may, before);
            const spare = decides !== 0 && isSpare(rules[at.first]!.rule, decides, after);
            shares[at.first] = { decides, spare };
            return spare || decides === 0 ? NOTHING : at;
        }
        const [earlier, later] = at.halves;
        const taken = diagrams.combine(orElse, only(before, later.may), only(earlier.sure, later.may));
        const second = visit(later, taken, onlyOf(after, later.may));
        const follows = followedBy(onlyOf(second, earlier.may), onlyOf(after, earlier.may));
        return followedBy(visit(earlier, only(before, earlier.may), follows), second);
    };
    const isSpare = (rule: Rule, decides: Diagram, { sure, verdicts }: Kept): boolean => {
        // What it logs is lost without it.
        if (rule.log) return false;
        const verdict = verdictOf(rule);
        if (diagrams.some(OTHER_THAN[verdict]!, decides, verdicts)) return false;
        return verdict === otherwise || diagrams.combine(butNot, decides, sure) === 0;
    };
    if (root) visit(root, 0, NOTHING);
    return shares;
}

type Kept = Pick<Segment, "sure" | "verdicts">;

const NOTHING: Kept = { sure: 0, verdicts: 0 };

/** By verdict: is some packet decided, and otherwise? */
const OTHER_THAN: readonly Question[] = Array.from(
    { length: VERDICT.limited },
    (_, verdict): Question =>
        (packets, verdicts) => {
            if (packets === 0 || verdicts === 0 || verdicts === verdict) return false;
            return verdicts <= VERDICT.limited ? true : undefined;
        },
);
