import { entriesOf } from "../model/addressSets";
import { formatRule } from "../model/formatRule";
import type { NamedSet, Policy } from "../model/policy";
import type { Reading } from "./dialect";
import { digestOf, withoutCounts } from "./digest";

/** The first thing in which what was read is not exactly this policy, in words; undefined if there is none. */
export function differenceFromPolicy(reading: Reading, policy: Policy): string | undefined {
    if (!reading.baseIntact) return reading.base;
    const { ingress, egress } = reading.defaults;
    if (ingress !== policy.defaults.ingress) return `ingress default is ${ingress}, not ${policy.defaults.ingress}`;
    if (egress !== policy.defaults.egress) return `egress default is ${egress}, not ${policy.defaults.egress}`;
    const [foreign] = reading.unmanaged;
    if (foreign) return `${foreign.key}: ${foreign.line}`;
    return (
        differenceOfSets(reading.sets, policy.sets) ??
        differenceOfRules(reading, policy) ??
        (reading.mark?.digest === digestOf(policy) ? undefined : "the mark names another policy")
    );
}

function differenceOfSets(found: readonly NamedSet[], wanted: readonly NamedSet[]): string | undefined {
    const rest = new Map(found.map((set) => [set.name, set]));
    for (const set of wanted) {
        const other = rest.get(set.name);
        if (!other) return `set ${set.name} is missing`;
        const entries = new Set(entriesOf(set));
        const others = new Set(entriesOf(other));
        const missing = [...entries].find((entry) => !others.has(entry));
        if (missing) return `set ${set.name} lacks ${missing}`;
        const extra = [...others].find((entry) => !entries.has(entry));
        if (extra) return `set ${set.name} has ${extra} as well`;
        rest.delete(set.name);
    }
    const [extra] = rest.keys();
    return extra === undefined ? undefined : `there is a set ${extra}`;
}

function differenceOfRules({ rules }: Reading, policy: Policy): string | undefined {
    for (const direction of ["ingress", "egress"] as const) {
        const found = [...rules].filter(([, rule]) => rule.direction === direction);
        const wanted = policy.rules.filter(({ rule }) => rule.direction === direction);
        for (const { key, rule } of wanted) {
            const other = rules.get(key);
            if (!other) return `${key} is missing`;
            const line = formatRule(withoutCounts(rule));
            const otherLine = formatRule(withoutCounts(other));
            if (line !== otherLine) return `${key} is "${otherLine}", not "${line}"`;
        }
        for (const [index, [key]] of found.entries()) {
            if (!policy.rules.some((keyed) => keyed.key === key)) return `there is a rule ${key}`;
            if (wanted[index]?.key !== key) return `${key} stands where ${wanted[index]?.key ?? "no rule"} must stand`;
        }
    }
    return undefined;
}
