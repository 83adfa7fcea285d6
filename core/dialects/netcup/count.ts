import type { FirewallRule } from "./rule";

/** Of one policy, and of all policies of one public interface together. */
export const MOST_RULES = 500;

/** How often a rule counts: once for each pair of a source and a destination, where "any" is one. */
export function effectiveRules({ sources, destinations }: FirewallRule): number {
    return Math.max(1, sources?.length ?? 0) * Math.max(1, destinations?.length ?? 0);
}

export function countRules(rules: readonly FirewallRule[]): number {
    return rules.reduce((sum, rule) => sum + effectiveRules(rule), 0);
}

/**
 * What is wrong with the rules of these templates together, in words, or undefined: they fit. `counts`: of each template, or
 * of each policy of an interface, by its name.
 *
 * @example "501 rules, and 500 are the most: base 1, web 500"
 */
export function tooManyRules(counts: ReadonlyMap<string, number>): string | undefined {
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    if (total <= MOST_RULES) return undefined;
    const each = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
    return (
        `${total} rules, and ${MOST_RULES} are the most that netcup takes for an interface: ${each}. Each address of a list ` +
        "counts, once for each at the other end. Name fewer networks or ports, or keep long lists on the host."
    );
}
