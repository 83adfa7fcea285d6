import { listsOf } from "../../model/storedPolicy";
import type { NamedSet, Policy } from "../../model/policy";
import type { Rule } from "../../model/rule";
import type { Mark, Reading } from "../dialect";
import { changedBase, keyedForeign, NOTHING_OF_OURS } from "../reading";
import type { Listing } from "./listing";
import { CHAINS, FORWARD_CHAINS } from "./names";
import { readDirection } from "./readDirection";
import { readForward } from "./readForward";

/** Does any family have a chain of ours? */
export function hasOurChains(listing: Listing): boolean {
    const names = Object.values(CHAINS).map(({ own }) => own);
    return [listing[4], listing[6]].some(
        ({ filter, mangle }) => names.some((name) => filter.has(name)) || mangle.has(FORWARD_CHAINS.own),
    );
}

/**
 * What the listing means in the words of the model. `expected`: a rule of which the lines are exactly those reads as it is
 * written there, names of sets included; without it addresses stand where a set was named. `problems`: what is wrong with it
 * as a whole, in words.
 */
export function readBack(listing: Listing, expected?: Policy, problems: readonly string[] = []): Reading {
    if (!hasOurChains(listing)) return NOTHING_OF_OURS;
    const ingress = readDirection(listing, "ingress", expected);
    const egress = readDirection(listing, "egress", expected);
    const forward = readForward(listing);
    const marks = [...ingress.marks, ...egress.marks, ...forward.marks];
    const marksDiffer = new Set(marks.filter(Boolean).map((mark) => JSON.stringify(mark))).size > 1;
    const mark = marksDiffer ? undefined : markOf(ingress.marks);
    const both = [...ingress.rules.keys()].filter((key) => egress.rules.has(key));
    const changes = [
        ...new Set([...ingress.changes, ...egress.changes, ...forward.changes, ...problems]),
        ...both.map((key) => `rule ${key} stands in both directions`),
        ...(marksDiffer ? ["the marks of our chains differ"] : []),
    ];
    const foreign = [...ingress.foreign, ...egress.foreign, ...forward.foreign];
    const altered = new Set([...ingress.altered, ...egress.altered]);
    const rules = new Map([...ingress.rules, ...egress.rules]);
    return {
        ...(mark && { mark }),
        rules,
        sets: expected ? setsIn(expected, rules, altered) : [],
        defaults: { ingress: ingress.action, egress: egress.action },
        ...(forward.filtered.length > 0 && { forward: "containers" }),
        ...changedBase(changes),
        ...keyedForeign(foreign, [...ingress.effective, ...egress.effective]),
        understood: ingress.understood && egress.understood,
    };
}

/** The one of both families. */
function markOf(marks: readonly (Mark | undefined)[]): Mark | undefined {
    return marks.length === 2 && marks.every(Boolean) ? marks[0] : undefined;
}

/** The sets of which a rule that reads as expected tells what they hold, and those that no rule names. */
function setsIn(expected: Policy, rules: ReadonlyMap<string, Rule>, altered: ReadonlySet<string>): NamedSet[] {
    const named = new Set<string>();
    const held = new Set<string>();
    for (const { key, rule } of expected.rules) {
        const lists = [rule.from, rule.to].flatMap(({ addresses }) => listsOf(addresses));
        for (const { name } of lists.flatMap(({ sets }) => sets)) {
            named.add(name);
            if (rules.has(key) && !altered.has(key)) held.add(name);
        }
    }
    return expected.sets.filter(({ name }) => held.has(name) || !named.has(name));
}
