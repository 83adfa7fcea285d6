import { type Diagram, NO_LEVEL } from "../analysis/diagram";
import { type Operation, orElse } from "../analysis/operations";
import type { SharedSets } from "../analysis/ruleSets";
import { VERDICT as DECIDED } from "../analysis/verdicts";
import { witness, witnessValues } from "../analysis/witness";
import { baseDiagram } from "./baseDiagram";
import type { TranslationDifference } from "./dialect";

/** What a ruleset does with a packet: terminals of its diagram, with the numbers of those that a policy has. */
export const VERDICT = {
    ...DECIDED,
    /** A reject with some other answer. */
    other: 8,
} as const;

/** The largest of them. */
const LAST_VERDICT = VERDICT.other;

export function isVerdict(diagram: Diagram): boolean {
    return diagram <= LAST_VERDICT;
}

/**
 * A packet with which a ruleset does not do what the policy says, base included: `done` is what it does with every packet,
 * made of the same table. Undefined: it does exactly that.
 */
export function differenceFrom(sets: SharedSets, done: Diagram): TranslationDifference | undefined {
    const { diagrams, interfaces, direction, levelOf } = sets;
    const base = baseDiagram(diagrams, direction, interfaces, levelOf);
    return differenceBetween(sets, diagrams.combine(orElse, base, sets.decision().diagram), done);
}

/** A packet that fares otherwise than meant; both are diagrams of the sets' table. */
export function differenceBetween(sets: SharedSets, meant: Diagram, done: Diagram): TranslationDifference | undefined {
    const { diagrams, interfaces, direction, levels } = sets;
    if (meant === done) return undefined;

    const different = diagrams.combine(differ, meant, done);
    const values = new Map(witnessValues(diagrams, different));
    const [meantVerdict, doneVerdict] = [verdictAt(meant), verdictAt(done)];
    return {
        direction,
        packet: witness(diagrams, different, direction, interfaces)!,
        conditions: [...levels].flatMap(([name, level]) =>
            values.has(level) ? [`${name}${values.get(level) === 1 ? "" : " does not hold"}`] : [],
        ),
        meant: meantVerdict,
        done: doneVerdict,
    };

    /** Conditions that the two differ whatever they are may still say in which way; then they are said not to hold. */
    function verdictAt(diagram: Diagram): string {
        let verdict = diagrams.restrict(diagram, values);
        for (let level = diagrams.levelOf(verdict); level !== NO_LEVEL; level = diagrams.levelOf(verdict)) {
            values.set(level, 0);
            verdict = diagrams.restrict(verdict, values);
        }
        return Object.entries(VERDICT).find(([, number]) => number === verdict)![0];
    }
}

const differ: Operation = (a, b) => {
    if (a === b) return 0;
    return isVerdict(a) && isVerdict(b) ? 1 : undefined;
};
