import type { KeyedRule, Policy } from "../model/policy";
import type { Addresses, Direction, Rule } from "../model/rule";
import { portPieces } from "./pieces";

/** Steps of the address algebra: some seconds. Two hundred rules for a port each take some hundred. */
const MOST_STEPS = 10_000_000;

/**
 * Would the exposure of these rules take minutes? Each rule is cut with what the rules before it have left, again for
 * each piece of the ports; those for some of the server's own addresses or some source ports once more for each piece of
 * these. A host that lists thousands of crossing rules must not keep the one who reads it busy.
 */
export function isTooMuchToAnalyse(rules: readonly KeyedRule[], direction: Direction, { sets }: Policy): boolean {
    const sizes = new Map(sets.map(({ name, ranges }) => [name, ranges.length]));
    const rangesOf = (addresses: Addresses): number =>
        addresses.kind === "anywhere"
            ? 0
            : addresses.sets.reduce((sum, { name }) => sum + (sizes.get(name) ?? 0), addresses.ranges.length);
    const counted = rules.map(({ rule }) => {
        const [from, to] = [rangesOf(rule.from.addresses), rangesOf(rule.to.addresses)];
        const own = direction === "ingress" ? to : from;
        return { rule, far: from + to - own + 2, own, sources: rule.from.ports?.ranges.length ?? 0 };
    });
    let steps = 0;
    const isTooMuch = (applies: (rule: Rule) => boolean): boolean => {
        let left = 2;
        const narrowed = { rules: 0, own: 1, sources: 1 };
        for (const { rule, far, own, sources } of counted) {
            steps++;
            if (!applies(rule)) continue;
            steps += left * far;
            left += far;
            if (own + sources > 0) {
                narrowed.rules++;
                narrowed.own += 2 * own;
                narrowed.sources += 2 * sources;
            }
            if (steps > MOST_STEPS) return true;
        }
        steps += narrowed.rules * narrowed.own * narrowed.sources;
        return steps > MOST_STEPS;
    };
    const covers = (port: number) => (rule: Rule) =>
        rule.to.ports?.ranges.some(({ first, last }) => first <= port && port <= last) ?? true;
    const pieces = portPieces(rules.flatMap(({ rule }) => rule.to.ports?.ranges ?? []));
    const others = new Set(
        rules.flatMap(({ rule }) => rule.matches.flatMap(({ protocol, types = [] }) => [protocol, ...types])),
    );
    return pieces.some(({ first }) => isTooMuch(covers(first))) || [...others].some(() => isTooMuch(() => true));
}
