import { TooMuchWork } from "../../../analysis/diagram";
import { withRuleSets } from "../../../analysis/ruleSets";
import type { Policy } from "../../../model/policy";
import type { Direction } from "../../../model/rule";

/** Half of what a proof may take, so that there is room for the ruleset that it is compared with. */
const MOST_WORK = 2_000_000;

/** Can it be told what the rules mean? Laid out in sets, that is all by which they are known again. */
export function isComparable(policy: Policy, direction: Direction): boolean {
    try {
        withRuleSets(policy, direction, MOST_WORK, ({ decision }) => decision());
        return true;
    } catch (error) {
        if (error instanceof TooMuchWork) return false;
        throw error;
    }
}
