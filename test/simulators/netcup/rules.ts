import ipaddr from "ipaddr.js";
import type { FieldProblem } from "./document";
import type { SimulatedPolicy, SimulatedRule } from "./state";

/** How many of the 500 a rule counts as: each source with each destination, at least one. */
export function effectiveRules({ sources, destinations }: SimulatedRule): number {
    return Math.max(1, sources?.length ?? 0) * Math.max(1, destinations?.length ?? 0);
}

export const countOf = (rules: readonly SimulatedRule[]): number =>
    rules.reduce((sum, rule) => sum + effectiveRules(rule), 0);

/** What the document says in words only: what addresses are, and how the two lists of a rule may go together. */
export function addressProblems(rules: readonly SimulatedRule[]): FieldProblem[] {
    return rules.flatMap((rule, index) => {
        const { sources = [], destinations = [] } = rule;
        const at = (field: string, message: string) => ({ field: `rules.${index}.${field}`, message });
        const sides = [
            ["sources", sources ?? [], "destinations", destinations ?? []],
            ["destinations", destinations ?? [], "sources", sources ?? []],
        ] as const;
        return sides.flatMap(([name, own, otherName, other]) => {
            const bad = own.filter((text) => !isAddress(text));
            if (bad.length > 0) return [at(name, "is neither an address nor a network")];
            if (own.length > 1 && other.length > 1)
                return [at(otherName, `must be empty or one, as ${name} are several`)];
            const families = new Set(own.map((text) => text.includes(":")));
            if (families.size > 1 && other.length > 0) return [at(otherName, `must be empty, as ${name} mix families`)];
            return [];
        });
    });
}

function isAddress(text: string): boolean {
    return text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

/**
 * What happens to packets that no rule matches: nothing is dropped until a policy of the account has a rule for the
 * direction. Copied policies, policies without rules and a firewall that is off do not count. That a rule that drops
 * counts as well is a choice: nobody published it.
 */
export function implicitRule(
    direction: "INGRESS" | "EGRESS",
    active: boolean,
    userPolicies: readonly SimulatedPolicy[],
): "ACCEPT_ALL" | "DROP_ALL" {
    const filtered = userPolicies.some(({ rules }) => rules.some((rule) => rule.direction === direction));
    return active && filtered ? "DROP_ALL" : "ACCEPT_ALL";
}
