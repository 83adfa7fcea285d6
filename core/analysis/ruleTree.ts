import type { Action, Direction, Rule } from "../model/rule";
import type { Diagram, Diagrams } from "./diagram";
import type { Interfaces } from "./interfaces";
import { joinNeighbours } from "./joinNeighbours";
import type { MatchSet } from "./matchSets";
import { butNot, meet, type Operation, orElse, within } from "./operations";
import type { RuleSets } from "./ruleSets";
import { defaultVerdict, VERDICT as DECIDED, verdictOf, withVerdict } from "./verdicts";

/** Terminals of `verdicts` beside those that are the same for every packet. */
export const VERDICT = {
    ...DECIDED,
    /** It depends on values that are not known yet. */
    unsure: 9,
    /** Accepted while a limit has room left. */
    limited: 10,
} as const;

/** The rules of one direction, two parts at a time, so that a question about some packets skips the rules it is not about. */
export interface Segment {
    /** The rules from `first` to before `end`. */
    readonly first: number;
    readonly end: number;
    /** What its rules surely match, and may match. */
    readonly sure: Diagram;
    readonly may: Diagram;
    /** What the first rule decides that matches; 0 where none does. */
    readonly verdicts: Diagram;
    /** What all of its rules decide of all that they may match; absent: not all the same, or not surely. */
    readonly verdict?: number | undefined;
    /** Some of its rules accept. */
    readonly accepts: boolean;
    readonly halves?: readonly [Segment, Segment];
}

/** All that findings of one direction are made from. */
export interface RuleTree {
    readonly diagrams: Diagrams;
    readonly direction: Direction;
    readonly interfaces: Interfaces;
    readonly rules: readonly MatchSet[];
    /** The actions of the rules by their keys. */
    readonly actions: ReadonlyMap<string, Action>;
    /** Absent: there are no rules. */
    readonly root?: Segment;
    /** Which of two verdicts is the earlier rule's. */
    readonly first: Operation;
    /** `accept` or `drop` of `VERDICT`. */
    readonly otherwise: number;
    /** What becomes of every packet. */
    readonly verdicts: Diagram;
}

/** The first that says something; of a limit that is used up, what follows. */
export const firstVerdict: Operation = (a, b) => {
    if (a === 0 || a === b) return b;
    if (b === 0) return a;
    if (a === VERDICT.limited) return b === VERDICT.accept ? b : b <= VERDICT.limited ? a : undefined;
    return a <= VERDICT.limited ? a : undefined;
};

export function ruleTree({ diagrams, policy, direction, interfaces, rules }: RuleSets): RuleTree {
    // What others do with the same diagrams is then known already.
    const first = rules.some(({ limited }) => limited) ? firstVerdict : orElse;
    const join = (a: Segment, b: Segment) => joined(diagrams, first, a, b);
    const single = rules.map((rule, index) => ownSegment(diagrams, rule, index));
    const root = joinNeighbours(single, ({ verdicts }) => verdicts, join);
    const otherwise = defaultVerdict(policy, direction);
    const verdicts = diagrams.combine(first, root?.verdicts ?? 0, otherwise);
    const actions = new Map(rules.map(({ key, rule }) => [key, rule.action]));
    return { diagrams, direction, interfaces, rules, actions, first, otherwise, verdicts, ...(root && { root }) };
}

function ownSegment(diagrams: Diagrams, { rule, sure, may, limited }: MatchSet, index: number): Segment {
    const verdicts = ownVerdicts(diagrams, rule, sure, may, limited);
    const verdict = limited || sure !== may ? undefined : verdictOf(rule);
    const accepts = rule.action === "accept";
    return { first: index, end: index + 1, may, sure: limited ? 0 : sure, verdicts, verdict, accepts };
}

/** Two parts, one right after the other, as one. */
export function joined(diagrams: Diagrams, first: Operation, a: Segment, b: Segment): Segment {
    const may = diagrams.combine(orElse, a.may, b.may);
    const isSure = a.sure === a.may && b.sure === b.may;
    const verdict = a.verdict === b.verdict ? a.verdict : undefined;
    return {
        first: a.first,
        end: b.end,
        sure: isSure ? may : diagrams.combine(orElse, a.sure, b.sure),
        may,
        verdicts: verdict === VERDICT.accept ? may : diagrams.combine(first, a.verdicts, b.verdicts),
        verdict,
        accepts: a.accepts || b.accepts,
        halves: [a, b],
    };
}

function ownVerdicts(diagrams: Diagrams, rule: Rule, sure: Diagram, may: Diagram, limited: boolean): Diagram {
    const verdict = limited ? VERDICT.limited : verdictOf(rule);
    const certain = withVerdict(diagrams, sure, verdict);
    if (sure === may) return certain;
    return diagrams.combine(firstVerdict, certain, withVerdict(diagrams, may, VERDICT.unsure));
}

/** A rule and the packets of those asked about that it surely decides. */
export interface Decider {
    readonly index: number;
    readonly packets: Diagram;
}

/**
 * The rules from `first` to before `end` that decide some of `packets`, in order, each with its own part, as if these were
 * all rules there are; what is left comes last, if anything is. Stops early once enough was taken from it.
 */
export function* decidersOf(
    { diagrams, rules, root }: RuleTree,
    packets: Diagram,
    { first = 0, end = Infinity, leaveOut = () => false }: DeciderOptions = {},
): Generator<Decider, Diagram> {
    let left = packets;
    function* visit(at: Segment): Generator<Decider> {
        if (at.end <= first || at.first >= end || !diagrams.some(meet, left, at.may)) return;
        if (at.halves) {
            yield* visit(at.halves[0]);
            yield* visit(at.halves[1]);
            return;
        }
        if (leaveOut(at.first)) return;
        const hit = diagrams.combine(within, left, rules[at.first]!.sure);
        if (hit === 0) return;
        left = diagrams.combine(butNot, left, at.sure);
        yield { index: at.first, packets: hit };
    }
    if (root) yield* visit(root);
    return left;
}

export interface DeciderOptions {
    readonly first?: number;
    readonly end?: number;
    /** Rules that are taken for not there. */
    readonly leaveOut?: (index: number) => boolean;
}
