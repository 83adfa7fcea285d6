import { toPrefixes } from "./addresses";
import { checkSets, referenceTo } from "./addressSets";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { checkName } from "./names";
import { propose } from "./nearest";
import type { Defaults, KeyedRule, NamedSet, Policy } from "./policy";
import type { Addresses, Rule, SetReference } from "./rule";
import { checkRule } from "./ruleInput";
import { policyOf, setNames, storePolicy, type StoredPolicy } from "./storedPolicy";

/** What users said of one target, unchecked. Values not known yet read `(not known yet)`. */
export interface RawPolicy {
    /** In deciding order. */
    readonly templates: readonly { readonly name: string; readonly rules: Readonly<Record<string, unknown>> }[];
    readonly sets?: Readonly<Record<string, unknown>>;
    readonly defaults?: Partial<Record<keyof Defaults, unknown>>;
}

/** A literal list of more addresses than this becomes a set named after the rule. */
const LONGEST_LITERAL_LIST = 8;

/**
 * Checks all templates and sets of a target and brings them into the stored form.
 * `policy` may hold unknown addresses; it is what the analysis works on.
 */
export function checkPolicy(raw: RawPolicy): {
    readonly stored: StoredPolicy;
    readonly policy: Policy;
    readonly problems: readonly Diagnostic[];
} {
    const { sets, problems } = checkSets(raw.sets);
    const defaults = checkDefaults(raw.defaults ?? {}, problems);
    const unknownRules: string[] = [];
    const rules = raw.templates.flatMap((template, index) => {
        const checked = checkTemplate(template, index, raw, problems);
        unknownRules.push(...checked.unknown);
        return checked.rules;
    });
    const known = new Map(sets.map((set) => [set.name, set]));
    const resolved = rules.map(({ key, rule, path }) => resolveSets(key, rule, path, known, problems));
    const names = raw.templates.map(({ name }) => name);
    const used = usedSets(resolved, known);
    const stored = storePolicy({ rules: resolved, sets: used, defaults, unknownRules }, names);
    return { stored, policy: policyOf(stored), problems };
}

function checkDefaults(raw: Partial<Record<keyof Defaults, unknown>>, problems: Diagnostic[]): Defaults {
    const word = (direction: keyof Defaults, otherwise: "accept" | "drop") => {
        const value = raw[direction] ?? otherwise;
        if (value === "accept" || value === "drop") return value;
        const problem = { field: `defaults.${direction}`, value: quote(value), proposal: "It is accept or drop." };
        problems.push(diagnostic("VF014", problem, `defaults.${direction}`));
        return otherwise;
    };
    return { ingress: word("ingress", "drop"), egress: word("egress", "accept") };
}

interface LocatedRule extends KeyedRule {
    readonly path: string;
}

function checkTemplate(
    { name, rules }: RawPolicy["templates"][number],
    index: number,
    raw: RawPolicy,
    problems: Diagnostic[],
): { rules: LocatedRule[]; unknown: string[] } {
    const unknown: string[] = [];
    const path = `templates[${index}]`;
    problems.push(...checkName("template", name, path));
    if (raw.templates.findIndex((other) => other.name === name) !== index)
        problems.push(diagnostic("VF022", { kind: "templates", value: quote(name) }, path));
    if (Object.keys(rules).length === 0) problems.push(diagnostic("VF021", { value: quote(name) }, path));
    const checkedRules = Object.entries(rules).flatMap(([ruleName, input]): LocatedRule[] => {
        const key = `${name}/${ruleName}`;
        const rulePath = `${path}.rules.${ruleName}`;
        const checked = checkRule(input, rulePath);
        problems.push(...checkName("rule", ruleName, rulePath), ...checked.problems);
        if (checked.rule) return [{ key, rule: checked.rule, path: rulePath }];
        unknown.push(key);
        return [];
    });
    return { rules: checkedRules, unknown };
}

/** References get count and digest, long literal lists become sets of their own. */
function resolveSets(
    key: string,
    rule: Rule,
    path: string,
    known: Map<string, NamedSet>,
    problems: Diagnostic[],
): KeyedRule {
    const resolve = (addresses: Addresses, ownName: string, field: string): Addresses => {
        if (addresses.kind === "anywhere") return addresses;
        const sets = addresses.sets.flatMap(({ name }): SetReference[] => {
            const set = known.get(name);
            if (set) return [referenceTo(set)];
            const names = [...known.keys()].filter((candidate) => !candidate.includes("/"));
            const otherwise = "Pass the AddressSet itself, or list it under sets of the template.";
            const proposal = propose(name, names, otherwise);
            problems.push(diagnostic("VF011", { value: quote(name), proposal }, `${path}.${field}`));
            return [];
        });
        if (toPrefixes(addresses.ranges).length <= LONGEST_LITERAL_LIST) return { ...addresses, sets };
        const own: NamedSet = { name: ownName, ranges: addresses.ranges };
        known.set(ownName, own);
        return {
            ...addresses,
            ranges: [],
            sets: [...sets, referenceTo(own)].sort((a, b) => (a.name < b.name ? -1 : 1)),
        };
    };
    const from = { ...rule.from, addresses: resolve(rule.from.addresses, key, "from") };
    const to = { ...rule.to, addresses: resolve(rule.to.addresses, `${key}/to`, "to") };
    return { key, rule: { ...rule, from, to } };
}

function usedSets(rules: readonly KeyedRule[], known: ReadonlyMap<string, NamedSet>): NamedSet[] {
    const names = new Set(rules.flatMap(({ rule }) => setNames(rule)));
    return [...known.values()].filter(({ name }) => names.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}
