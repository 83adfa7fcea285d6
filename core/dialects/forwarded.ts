import { TooMuchWork } from "../analysis/diagram";
import type { Policy } from "../model/policy";
import { notKnownYet } from "../model/storedPolicy";
import type { TranslationDifference } from "./dialect";
import { UnreadableRuleset } from "./unreadable";

export const NOT_FILTERED = "what is forwarded to containers is not filtered";

/** Does the policy say what becomes of what is forwarded to containers, and is all of it known? */
export function saysForwarded(policy: Policy | undefined): policy is Policy {
    return policy?.forward !== undefined && notKnownYet(policy) === undefined;
}

/** In what way a listing does not do with it what the policy says, in words; what would take too long to prove is not said. */
export function forwardedOtherwise(prove: () => TranslationDifference | undefined): string[] {
    try {
        return prove() ? ["what is forwarded to containers is filtered otherwise"] : [];
    } catch (error) {
        if (error instanceof TooMuchWork) return [];
        if (error instanceof UnreadableRuleset) return ["what is forwarded to containers can't be read"];
        throw error;
    }
}
