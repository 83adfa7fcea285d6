import { everybody, sameSpace } from "../../analysis/addressAlgebra";
import { spaceOf } from "../../analysis/end";
import type { Defaults, KeyedRule, Policy } from "../../model/policy";
import type { Direction, Rule } from "../../model/rule";

/**
 * The same policy without what never decides: a rule that drops everything is the default of its direction, a rule that
 * accepts everything before a default accept is nothing, and nothing is asked behind a rule that matches every packet.
 */
export function withoutUnreached(policy: Policy): Policy {
    const ingress = reachedIn("ingress", policy);
    const egress = reachedIn("egress", policy);
    return {
        ...policy,
        rules: [...ingress.rules, ...egress.rules],
        defaults: { ingress: ingress.otherwise, egress: egress.otherwise },
    };
}

interface Side {
    readonly rules: readonly KeyedRule[];
    readonly otherwise: Defaults["ingress"];
}

function reachedIn(direction: Direction, policy: Policy): Side {
    const { rules, defaults } = policy;
    const own = rules.filter(({ rule }) => rule.direction === direction);
    const otherwise = defaults[direction];
    const last = own.findIndex(({ rule }) => matchesEverything(rule, policy));
    if (last < 0) return { rules: own, otherwise };
    const { action } = own[last]!.rule;
    if (action === "drop") return { rules: own.slice(0, last), otherwise: "drop" };
    return { rules: own.slice(0, otherwise === "accept" ? last : last + 1), otherwise };
}

/** Every packet, whatever its protocol. */
export function matchesEverything({ matches, from, to }: Rule, { sets }: Policy): boolean {
    return (
        matches.some(({ protocol }) => protocol === "any") &&
        [from, to].every((end) => end.ports === undefined && sameSpace(spaceOf(end.addresses, sets), EVERYBODY))
    );
}

const EVERYBODY = everybody([4, 6]);
