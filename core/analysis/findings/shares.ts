import { butNot, type Diagram, meet, orElse, type Question, within } from "../diagram";
import { firstVerdict, type RuleTree, type Segment, VERDICT } from "../ruleTree";

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
 * The share of each rule. Every half is asked with what surely comes before it, cut down to the packets that it is about;
 * so each question stays as small as its rules. What comes after is only looked into until something differs.
 */
export function sharesOf({ diagrams, rules, root, otherwise }: RuleTree): Share[] {
    const shares: Share[] = [];
    const only = (diagram: Diagram, packets: Diagram) => diagrams.combine(within, diagram, packets);
    /** Gives the rules that are kept. The later half first: `after` is what is kept of it and what comes then. */
    const visit = (at: Segment, before: Diagram, after: readonly Kept[]): Kept => {
        if (!at.halves) {
            const decides = diagrams.combine(butNot, at.may, before);
            const spare = decides !== 0 && isSpare(at.first, decides, after);
            shares[at.first] = { decides, spare };
            return spare || decides === 0 ? NOTHING : at;
        }
        const [earlier, later] = at.halves;
        const taken = diagrams.combine(orElse, only(before, later.may), only(earlier.sure, later.may));
        const second = visit(later, taken, after);
        const first = visit(earlier, only(before, earlier.may), [second, ...after]);
        return {
            sure: diagrams.combine(orElse, first.sure, second.sure),
            verdicts: diagrams.combine(firstVerdict, first.verdicts, second.verdicts),
        };
    };
    // Answers are not told apart here, so that no reject is spare where some rule has one of its own.
    const answers = rules.some(({ rule }) => rule.answer);
    const isSpare = (index: number, decides: Diagram, after: readonly Kept[]): boolean => {
        const { action, log } = rules[index]!.rule;
        // What it logs is lost without it.
        if (log || (action === "reject" && answers)) return false;
        const verdict = VERDICT[action];
        let left = decides;
        for (const { sure, verdicts } of after) {
            if (diagrams.some(OTHER_THAN[verdict]!, left, verdicts)) return false;
            if (diagrams.some(meet, left, sure)) left = diagrams.combine(butNot, left, sure);
        }
        return left === 0 || verdict === otherwise;
    };
    if (root) visit(root, 0, []);
    return shares;
}

type Kept = Pick<Segment, "sure" | "verdicts">;

const NOTHING: Kept = { sure: 0, verdicts: 0 };

/** By verdict: is some packet decided, and otherwise? */
const OTHER_THAN: readonly Question[] = [0, VERDICT.accept, VERDICT.drop, VERDICT.reject].map(
    (verdict): Question =>
        (packets, verdicts) => {
            if (packets === 0 || verdicts === 0 || verdicts === verdict) return false;
            return verdicts <= VERDICT.limited ? true : undefined;
        },
);
