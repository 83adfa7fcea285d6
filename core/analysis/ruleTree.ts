import type { Action, Direction, Rule } from "../model/rule";
import type { Policy } from "../model/policy";
import { butNot, type Diagram, type Diagrams, type Operation, orElse, within } from "./diagram";
import { type Interfaces, interfacesOf } from "./interfaces";
import { type MatchSet, matchSets } from "./matchSets";

/** What is decided of a packet: terminals of `verdicts`. */
export const VERDICT = {
    accept: 1,
    drop: 2,
    reject: 3,
    /** It depends on values that are not known yet. */
    unsure: 4,
    /** Accepted while a limit has room left. */
    limited: 5,
} as const;

/** The rules of one direction in halves of halves, so that a question about some packets skips the rules it is not about. */
export interface Segment {
    /** The rules from `first` to before `end`. */
    readonly first: number;
    readonly end: number;
    /** What its rules surely match, and may match. */
    readonly sure: Diagram;
    readonly may: Diagram;
    /** What the first rule decides that matches; 0 where none does. */
    readonly verdicts: Diagram;
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

export function ruleTree(diagrams: Diagrams, policy: Policy, direction: Direction): RuleTree {
    const interfaces = interfacesOf(policy);
    const rules = matchSets(diagrams, policy, direction, interfaces);
    const root = rules.length > 0 ? segment(diagrams, rules, 0, rules.length) : undefined;
    const otherwise = VERDICT[policy.defaults[direction]];
    const verdicts = diagrams.combine(firstVerdict, root?.verdicts ?? 0, otherwise);
    const actions = new Map(rules.map(({ key, rule }) => [key, rule.action]));
    return { diagrams, direction, interfaces, rules, actions, otherwise, verdicts, ...(root && { root }) };
}

function segment(diagrams: Diagrams, rules: readonly MatchSet[], first: number, end: number): Segment {
    if (end - first === 1) {
        const { sure, may, limited, rule } = rules[first]!;
        const verdicts = ownVerdicts(diagrams, rule, sure, may, limited);
        return { first, end, may, sure: limited ? 0 : sure, verdicts, accepts: rule.action === "accept" };
    }
    const middle = (first + end) >> 1;
    const halves = [segment(diagrams, rules, first, middle), segment(diagrams, rules, middle, end)] as const;
    const both = (operation: Operation, of: (half: Segment) => Diagram) =>
        diagrams.combine(operation, of(halves[0]), of(halves[1]));
    const may = both(orElse, ({ may }) => may);
    const allAccept = halves.every((half) => half.verdicts === half.may);
    return {
        first,
        end,
        sure: both(orElse, ({ sure }) => sure),
        may,
        verdicts: allAccept ? may : both(firstVerdict, ({ verdicts }) => verdicts),
        accepts: halves.some(({ accepts }) => accepts),
        halves,
    };
}

function ownVerdicts(diagrams: Diagrams, { action }: Rule, sure: Diagram, may: Diagram, limited: boolean): Diagram {
    const verdict = limited ? VERDICT.limited : VERDICT[action];
    const certain = diagrams.map(sure, (one) => one * verdict);
    if (sure === may) return certain;
    return diagrams.combine(
        firstVerdict,
        certain,
        diagrams.map(may, (one) => one * VERDICT.unsure),
    );
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
        if (at.end <= first || at.first >= end || diagrams.combine(within, left, at.may) === 0) return;
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
