import type { Diagram, Diagrams } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import type { ConditionLevels } from "../../../analysis/packetFields";
import { VERDICT as DECIDED } from "../../../analysis/verdicts";

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

export interface Surroundings {
    readonly diagrams: Diagrams;
    /** Every name and pattern of the ruleset must be in it: `interfacesOf`. */
    readonly interfaces: Interfaces;
    readonly conditions: ConditionLevels;
}
