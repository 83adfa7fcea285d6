import type { Policy } from "../model/policy";
import type { Direction } from "../model/rule";
import { type Diagrams, openDiagrams, TooMuchWork } from "./diagram";
import { type Interfaces, interfacesOf } from "./interfaces";
import { type MatchSet, matchSetsIn } from "./matchSets";
import { type ConditionLevels, lastOf, openConditions } from "./packetFields";
import { decided, type Decision, unknownValues } from "./policyDiagram";
import { type RuleTree, ruleTree } from "./ruleTree";
import { defaultVerdict, verdictOf } from "./verdicts";

/** One direction of a policy as packet sets, in a table of their own: what every question about it begins with. */
export interface RuleSets {
    readonly policy: Policy;
    readonly direction: Direction;
    readonly diagrams: Diagrams;
    readonly interfaces: Interfaces;
    /** The level of a condition by its name, and all that there are. */
    readonly levelOf: ConditionLevels;
    readonly levels: ReadonlyMap<string, number>;
    readonly rules: readonly MatchSet[];
}

/** What is made of them once, when it is first asked for. */
export interface SharedSets extends RuleSets {
    readonly tree: () => RuleTree;
    /** Terminals are those of `VERDICT`. */
    readonly decision: () => Decision;
}

/** @throws TooMuchWork */
export function openRuleSets(
    diagrams: Diagrams,
    policy: Policy,
    direction: Direction,
    interfaces: Interfaces = interfacesOf(policy),
): SharedSets {
    const levels = new Map<string, number>();
    const levelOf = openConditions(levels);
    const rules = matchSetsIn({ diagrams, interfaces, levelOf }, policy, direction);
    const sets: RuleSets = { policy, direction, diagrams, interfaces, levelOf, levels, rules };
    const tree = once(() => ruleTree(sets));
    return { ...sets, tree, decision: once(() => decisionOf(sets, tree)) };
}

function decisionOf({ diagrams, rules, policy, direction }: RuleSets, tree: () => RuleTree): Decision {
    const values = unknownValues(rules);
    const isKnown = rules.every(({ sure, matched }) => sure === matched);
    const diagram = isKnown
        ? tree().verdicts
        : decided(diagrams, rules, ({ rule }) => verdictOf(rule), defaultVerdict(policy, direction));
    return { diagram, ...values };
}

const known = new WeakMap<Policy, Map<Direction, SharedSets>>();

/**
 * Answers a question about one direction of a policy, for at most so many steps of work. All questions about the same policy
 * use the same sets.
 *
 * @throws TooMuchWork
 */
export function withRuleSets<Result>(
    policy: Policy,
    direction: Direction,
    mostWork: number,
    question: (sets: SharedSets) => Result,
): Result {
    const ofPolicy = known.get(policy) ?? new Map<Direction, SharedSets>();
    known.set(policy, ofPolicy);
    try {
        const before = ofPolicy.get(direction);
        before?.diagrams.allow(mostWork);
        const sets = before ?? openRuleSets(openDiagrams(lastOf, mostWork), policy, direction);
        ofPolicy.set(direction, sets);
        return question(sets);
    } catch (error) {
        // A table that is so large is not kept.
        if (error instanceof TooMuchWork) ofPolicy.delete(direction);
        throw error;
    }
}

/** The sets of a policy about which something else was asked before. */
export function knownRuleSets(policy: Policy, direction: Direction): RuleSets | undefined {
    return known.get(policy)?.get(direction);
}

function once<Result>(make: () => Result): () => Result {
    let made: { readonly result: Result } | undefined;
    return () => (made ??= { result: make() }).result;
}
