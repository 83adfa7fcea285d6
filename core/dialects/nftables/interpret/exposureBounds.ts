import type { Exposure } from "../../../analysis/exposure";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";
import { exposureBoundsOf, NO_BOUNDS } from "../../exposureBounds";
import { UnreadableRuleset } from "../../unreadable";
import { asListed } from "./asListed";
import { HOOKS } from "./fields";
import { interfaceNames } from "./interfaceNames";
import { interpret } from "./interpret";
import { readJson } from "./readJson";

/**
 * The traffic that a listed ruleset accepts outside of the base, where something in it is not understood: bounds that hold
 * whatever that means. `policy` is what was understood of it.
 */
export function exposureBounds(listing: string, policy: Policy): Exposure {
    try {
        const ruleset = asListed(readJson(listing));
        const boundsIn = (direction: Direction) =>
            exposureBoundsOf(direction, policy, interfaceNames(ruleset), ({ diagrams, interfaces, levelOf }) => {
                return interpret(ruleset, HOOKS[direction], { diagrams, interfaces, conditions: levelOf }).diagram;
            });
        return { ...boundsIn("ingress"), ...boundsIn("egress") };
    } catch (error) {
        if (!(error instanceof UnreadableRuleset)) throw error;
        return NO_BOUNDS;
    }
}
