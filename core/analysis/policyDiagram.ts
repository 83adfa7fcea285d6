import type { Policy } from "../model/policy";
import type { Direction } from "../model/rule";
import type { Diagram, Diagrams } from "./diagram";
import { type Interfaces, interfacesOf } from "./interfaces";
import { joinDiagrams } from "./joinNeighbours";
import { orElse } from "./operations";
import { type ConditionLevels, openConditions } from "./packetFields";
import { matchesOf, type RuleMatch, type UnknownPart, type Unknowns } from "./ruleMatch";
import { withVerdict } from "./verdicts";

/** What a policy does with packets of one direction, outside the base of its dialect. */
export interface Decision extends UnknownValues {
    readonly diagram: Diagram;
}

/** What a decision depends on beside the fields of packets. */
export interface UnknownValues {
    /** Of each rule that has any. */
    readonly unknowns: readonly Unknowns[];
    /**
     * Addresses that rules except and that are not known yet: of accepts (a packet from there may not get through), and of
     * drops and rejects (it may).
     */
    readonly exceptions: { readonly closing: Unknowns; readonly opening: Unknowns };
}

/** What decisions share that are to be compared: equal names mean the same. */
export interface Shared {
    readonly conditions?: ConditionLevels;
    readonly interfaces?: Interfaces;
}

/**
 * The first rule that matches decides, else the default action: a diagram whose terminals are what `verdictOf` gives (a
 * number above 0) for the index of a rule in `policy.rules`, or for undefined: the default action. A rule with a limit
 * matches while there is room within it.
 */
export function decisionDiagram(
    diagrams: Diagrams,
    policy: Policy,
    direction: Direction,
    verdictOf: (rule: number | undefined) => number,
    { conditions = openConditions(), interfaces = interfacesOf(policy) }: Shared = {},
): Decision {
    const rules = matchesOf({ diagrams, interfaces, levelOf: conditions }, policy, direction);
    const diagram = decided(diagrams, rules, ({ index }) => verdictOf(index), verdictOf(undefined));
    return { diagram, ...unknownValues(rules) };
}

/** The verdict of the first rule that matches, else `otherwise`. */
export function decided<Match extends RuleMatch>(
    diagrams: Diagrams,
    rules: readonly Match[],
    verdictOf: (rule: Match) => number,
    otherwise: number,
): Diagram {
    const verdicts = rules.map((rule) => withVerdict(diagrams, rule.matched, verdictOf(rule)));
    return diagrams.combine(orElse, joinDiagrams(diagrams, orElse, verdicts), otherwise);
}

export function unknownValues(rules: readonly RuleMatch[]): UnknownValues {
    const closing = new Map<UnknownPart, number[]>();
    const opening = new Map<UnknownPart, number[]>();
    for (const { rule, exceptions } of rules) {
        if (exceptions.size === 0) continue;
        const sort = rule.action === "accept" ? closing : opening;
        for (const [part, levels] of exceptions) sort.set(part, [...(sort.get(part) ?? []), ...levels]);
    }
    const unknowns = rules.map(({ unknowns }) => unknowns).filter(({ size }) => size > 0);
    return { unknowns, exceptions: { closing, opening } };
}
