import type { Diagram, Diagrams } from "../../../analysis/diagram";
import type { Interfaces } from "../../../analysis/interfaces";
import type { ConditionLevels } from "../../../analysis/packetFields";

/** What a ruleset does with a packet: terminals of its diagram. */
export const VERDICT = {
    accept: 1,
    drop: 2,
    "port-unreachable": 3,
    "tcp-reset": 4,
    "admin-prohibited": 5,
    "host-unreachable": 6,
    "no-route": 7,
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
