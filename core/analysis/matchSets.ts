import type { Policy } from "../model/policy";
import type { Direction } from "../model/rule";
import type { Diagram, Diagrams } from "./diagram";
import { type Interfaces, interfacesOf } from "./interfaces";
import { LEVEL, openConditions } from "./packetFields";
import { type MatchContext, matchesOf, type RuleMatch } from "./ruleMatch";

/** The packets that one rule matches, as sets: diagrams of 0 and 1. */
export interface MatchSet extends RuleMatch {
    /** What it matches whatever the values turn out to be that are not known yet. */
    readonly sure: Diagram;
    /** What it may match. */
    readonly may: Diagram;
    /** Packets beyond its limit are none of the rule's, so that it surely takes none. Both sets are without the limit. */
    readonly limited: boolean;
}

/**
 * Of each rule of a direction, in deciding order. Sets of several policies can be compared if they share `interfaces`; `known`
 * are those of rules, by their keys, that another one has too.
 */
export function matchSets(
    diagrams: Diagrams,
    policy: Policy,
    direction: Direction,
    interfaces: Interfaces = interfacesOf(policy),
    known: ReadonlyMap<string, MatchSet> = new Map(),
): MatchSet[] {
    if (known.size === 0) return matchSetsIn({ diagrams, interfaces, levelOf: openConditions() }, policy, direction);
    const others = { ...policy, rules: policy.rules.filter(({ key }) => !known.has(key)) };
    const made = new Map(matchSets(diagrams, others, direction, interfaces).map((set) => [set.key, set]));
    return policy.rules.flatMap(({ key, rule }) =>
        rule.direction === direction ? (known.get(key) ?? made.get(key) ?? []) : [],
    );
}

export function matchSetsIn(around: MatchContext, policy: Policy, direction: Direction): MatchSet[] {
    return matchesOf(around, policy, direction).map((match) => withSets(around.diagrams, match));
}

function withSets(diagrams: Diagrams, match: RuleMatch): MatchSet {
    const { key, rule, index, matched, unknowns, exceptions, limit } = match;
    const limited = limit !== undefined;
    const unlimited = limited ? diagrams.restrict(matched, new Map([[limit, 1]])) : matched;
    const isKnown = unknowns.size + exceptions.size === (limited ? 1 : 0);
    const may = isKnown ? unlimited : diagrams.upTo(unlimited, LEVEL.condition);
    const sure = isKnown ? unlimited : always(diagrams, unlimited);
    // One by one: copying the fields of the match takes longer than making it.
    return { key, rule, index, matched, unknowns, exceptions, limit, sure, may, limited };
}

/** 1 where it is 1 whatever the conditions are. */
export function always(diagrams: Diagrams, diagram: Diagram): Diagram {
    const not = (value: number) => 1 - value;
    return diagrams.map(diagrams.upTo(diagrams.map(diagram, not), LEVEL.condition), not);
}
