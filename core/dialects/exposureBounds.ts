import { type Diagram, openDiagrams, TooMuchWork } from "../analysis/diagram";
import { type Exposure, exposureBetween, NOT_ANALYSED } from "../analysis/exposure";
import { openInterfaces } from "../analysis/interfaces";
import { and, butNot, orElse } from "../analysis/operations";
import { lastOf } from "../analysis/packetFields";
import { openRuleSets, type SharedSets } from "../analysis/ruleSets";
import type { Policy } from "../model/policy";
import type { Direction } from "../model/rule";
import { baseDiagram } from "./baseDiagram";
import type { Reading } from "./dialect";
import { VERDICT } from "./meaning";

/** About a second. */
const MOST_WORK = 4_000_000;

/**
 * The traffic that a ruleset accepts outside of the base, where something in it is not understood: bounds that hold whatever
 * that means. `policy` is what was understood of it; it says what becomes of packets that the base accepts anyway.
 * `interpret` gives the verdicts of the ruleset, made of the same table, with whatever is not understood as a condition.
 */
export function exposureBoundsOf(
    direction: Direction,
    policy: Policy,
    named: Iterable<string>,
    interpret: (sets: SharedSets) => Diagram,
): Exposure {
    try {
        const diagrams = openDiagrams(lastOf, MOST_WORK);
        const interfaces = openInterfaces([...policy.rules.flatMap(({ rule }) => rule.interfaces ?? []), ...named]);
        const sets = openRuleSets(diagrams, policy, direction, interfaces);
        const accepts = (diagram: Diagram) => diagrams.map(diagram, (one) => (one === VERDICT.accept ? 1 : 0));
        const base = baseDiagram(diagrams, direction, interfaces, sets.levelOf);
        const outside = diagrams.combine(butNot, accepts(interpret(sets)), base);
        const inside = diagrams.combine(and, base, accepts(sets.decision().diagram));
        const accepted = diagrams.combine(orElse, inside, outside);
        return exposureBetween(direction, { diagrams, interfaces, accepted });
    } catch (error) {
        if (!(error instanceof TooMuchWork)) throw error;
        return { [`${direction} any`]: NOT_ANALYSED };
    }
}

/** A reading with such bounds where something in it is not understood. */
export function withBounds(reading: Reading, boundsOf: (understood: Policy) => Exposure): Reading {
    if (reading.understood) return reading;
    const { effective: rules, sets, defaults } = reading;
    return { ...reading, exposure: boundsOf({ rules, sets, defaults }) };
}

/** Where nothing could be read at all. */
export const NO_BOUNDS: Exposure = { "ingress any": NOT_ANALYSED, "egress any": NOT_ANALYSED };
