import type { KeyedRule, Policy } from "../model/policy";
import type { Addresses, Direction } from "../model/rule";
import { listsOf } from "../model/storedPolicy";
import type { Diagram, Diagrams } from "./diagram";
import { type Interfaces, interfacesOf } from "./interfaces";
import { LEVEL } from "./packetFields";
import { decisionDiagram } from "./policyDiagram";

/** The packets that one rule matches, as sets: diagrams of 0 and 1. */
export interface MatchSet extends KeyedRule {
    /** What it matches whatever the values turn out to be that are not known yet. */
    readonly sure: Diagram;
    /** What it may match. */
    readonly may: Diagram;
    /** Packets beyond its limit are none of the rule's, so that it surely takes none. Both sets are without the limit. */
    readonly limited: boolean;
}

/** Of each rule of a direction, in deciding order. Sets of several policies can be compared if they share `interfaces`. */
export function matchSets(
    diagrams: Diagrams,
    policy: Policy,
    direction: Direction,
    interfaces: Interfaces = interfacesOf(policy),
): MatchSet[] {
    const setsOf = setsByName(policy);
    return policy.rules
        .filter(({ rule }) => rule.direction === direction)
        .map((keyed) => {
            const { limit, ...rule } = keyed.rule;
            const alone = { rules: [{ key: keyed.key, rule }], sets: setsOf(keyed), defaults: policy.defaults };
            const verdictOf = (index: number | undefined) => (index === undefined ? 0 : 1);
            const { diagram, unknowns, exceptions } = decisionDiagram(diagrams, alone, direction, verdictOf, {
                interfaces,
            });
            const limited = limit !== undefined;
            const isKnown = unknowns.length + exceptions.closing.size + exceptions.opening.size === 0;
            if (isKnown) return { ...keyed, sure: diagram, may: diagram, limited };
            const may = diagrams.upTo(diagram, LEVEL.condition);
            return { ...keyed, sure: always(diagrams, diagram), may, limited };
        });
}

/** 1 where it is 1 whatever the conditions are. */
export function always(diagrams: Diagrams, diagram: Diagram): Diagram {
    const not = (value: number) => 1 - value;
    return diagrams.map(diagrams.upTo(diagrams.map(diagram, not), LEVEL.condition), not);
}

/** Only what a rule names, so that a policy of many sets is not gone through for each of its rules. */
function setsByName({ sets }: Policy): (keyed: KeyedRule) => Policy["sets"] {
    const byName = new Map(sets.map((set) => [set.name, set]));
    const named = (addresses: Addresses) => listsOf(addresses).flatMap((list) => list.sets.map(({ name }) => name));
    return ({ rule: { from, to } }) =>
        [...named(from.addresses), ...named(to.addresses)].flatMap((name) => byName.get(name) ?? []);
}
