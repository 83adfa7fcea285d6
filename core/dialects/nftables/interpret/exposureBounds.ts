import { openDiagrams, TooMuchWork } from "../../../analysis/diagram";
import { type Exposure, exposureBetween, NOT_ANALYSED } from "../../../analysis/exposure";
import { and, butNot, orElse } from "../../../analysis/operations";
import { lastOf } from "../../../analysis/packetFields";
import { openRuleSets } from "../../../analysis/ruleSets";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import { asListed } from "./asListed";
import { type Ruleset, UnreadableRuleset } from "./ast";
import { baseDiagram } from "../../baseDiagram";
import { HOOKS } from "./fields";
import { interfacesIn } from "./interfaceNames";
import { interpret } from "./interpret";
import { readJson } from "./readJson";
import { VERDICT } from "./verdicts";

/** About a second. */
const MOST_WORK = 4_000_000;

/**
 * The traffic that a listed ruleset accepts outside of the base, where something in it is not understood: bounds that hold
 * whatever that means. `policy` is what was understood of it; it says what becomes of packets that the base accepts anyway.
 */
export function exposureBounds(listing: string, policy: Policy): Exposure {
    try {
        const ruleset = asListed(readJson(listing));
        return { ...boundsIn("ingress", ruleset, policy), ...boundsIn("egress", ruleset, policy) };
    } catch (error) {
        if (!(error instanceof UnreadableRuleset)) throw error;
        return { "ingress any": NOT_ANALYSED, "egress any": NOT_ANALYSED };
    }
}

function boundsIn(direction: Direction, ruleset: Ruleset, policy: Policy): Exposure {
    try {
        const diagrams = openDiagrams(lastOf, MOST_WORK);
        const interfaces = interfacesIn(ruleset, policy);
        const { levelOf, decision } = openRuleSets(diagrams, policy, direction, interfaces);
        const accepts = (diagram: number) => diagrams.map(diagram, (one) => (one === VERDICT.accept ? 1 : 0));
        const base = baseDiagram(diagrams, direction, interfaces, levelOf);
        const { diagram } = interpret(ruleset, HOOKS[direction], { diagrams, interfaces, conditions: levelOf });
        const outside = diagrams.combine(butNot, accepts(diagram), base);
        const inside = diagrams.combine(and, base, accepts(decision().diagram));
        const accepted = diagrams.combine(orElse, inside, outside);
        return exposureBetween(direction, { diagrams, interfaces, accepted });
    } catch (error) {
        if (!(error instanceof TooMuchWork)) throw error;
        return { [`${direction} any`]: NOT_ANALYSED };
    }
}
