import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { TooMuchWork } from "../diagram";
import { withRuleSets } from "../ruleSets";
import type { RuleTree } from "../ruleTree";
import { dateFindings } from "./dates";
import { familyFindings } from "./families";
import { type Finding, finding, type FindingOptions, type Surroundings } from "./finding";
import { egressFindings, sourcePortFindings, upstreamFindings } from "./misplaced";
import { orderFindings } from "./order";
import { serviceFindings } from "./services";
import { sharesOf } from "./shares";
import { worldOf } from "./world";

export type { Finding, FindingOptions } from "./finding";
export { withSeverities } from "./severities";

/** About a second. */
const MOST_WORK = 4_000_000;

/**
 * What a reader of the rules should know, exact for any number of rules together. With values that are not known yet only
 * what holds whatever they turn out to be. Where a whole rule is not known, nothing that depends on order is said.
 */
export function findings(policy: Policy, options: FindingOptions = {}): Finding[] {
    const dates = dateFindings(policy.rules, options.today);
    if (policy.unknownRules?.length) return dates;
    return [...ofDirection("ingress", policy, options), ...ofDirection("egress", policy, options), ...dates];
}

/** The proof that a ruleset means the policy was given up. */
export function unproven({ rules }: Policy): Finding {
    return finding("VF248", rules[0]?.key ?? "", [], {});
}

function ofDirection(direction: Direction, policy: Policy, options: FindingOptions): Finding[] {
    try {
        return withRuleSets(policy, direction, MOST_WORK, (sets) => inTree(sets.tree(), policy, options));
    } catch (error) {
        if (!(error instanceof TooMuchWork)) throw error;
        const keys = policy.rules.filter(({ rule }) => rule.direction === direction).map(({ key }) => key);
        return [finding("VF249", keys[0] ?? "", [], { direction })];
    }
}

function inTree(tree: RuleTree, policy: Policy, options: FindingOptions): Finding[] {
    const around: Surroundings = { policy, options, tree, shares: sharesOf(tree) };
    const common = [...orderFindings(around), ...upstreamFindings(around)];
    if (tree.direction === "egress") return [...common, ...egressFindings(around)];
    const world = worldOf(tree, around.shares);
    return [
        ...common,
        ...serviceFindings(world, options),
        ...familyFindings(world),
        ...sourcePortFindings(around, world),
    ];
}
