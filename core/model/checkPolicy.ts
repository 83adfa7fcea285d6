import { toPrefixes } from "./addresses";
import { referenceTo } from "./addressSets";
import { checkSets } from "./checkSets";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { checkFindingSettings, type FindingSettings } from "./findingSettings";
import { NOT_KNOWN_YET } from "./formatRule";
import { checkName, inputPath, isName } from "./names";
import { propose } from "./nearest";
import type { Defaults, KeyedRule, NamedSet, Policy } from "./policy";
import type { Addresses, AddressList, Rule, SetReference } from "./rule";
import { checkRule } from "./ruleInput";
import { policyOf, storePolicy, type StoredPolicy } from "./storedPolicy";
import type { FlatTemplate, TemplateData } from "./templateData";
import { readTemplate } from "./templateInput";

export interface NamedTemplate extends TemplateData<unknown> {
    readonly name: string;
}

/** What users said of one target, unchecked. Values not known yet read `(not known yet)`. */
export interface RawPolicy {
    /** In deciding order. */
    readonly templates: readonly NamedTemplate[];
    readonly sets?: Readonly<Record<string, unknown>>;
    readonly defaults?: Readonly<Record<string, unknown>>;
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
    /** By template. */
    readonly findingSettings: ReadonlyMap<string, FindingSettings>;
    readonly problems: readonly Diagnostic[];
} {
    const { sets, problems } = checkSets(raw.sets);
    const defaults = checkDefaults(raw.defaults ?? {}, problems);
    const findingSettings = new Map<string, FindingSettings>();
    const parsed = new Map<string, Rule>();
    const checked = raw.templates.map((template, index) => {
        const { name, ...data } = template;
        const path = `templates[${index}]`;
        const read = readTemplate(data, path);
        if ("problems" in read) {
            problems.push(...checkName("template", name, path), ...read.problems);
            return { rules: [], unknown: [] };
        }
        problems.push(...unmetRequirements(name, read.template, defaults, raw.defaults, path));
        const said = checkFindingSettings(read.template.findings, `${path}.findings`);
        problems.push(...said.problems);
        findingSettings.set(name, said.settings);
        return checkTemplate(name, read.template.rules, { index, raw, problems, parsed });
    });
    const unknownRules = checked.flatMap(({ unknown }) => unknown);
    const known = new Map(sets.map((set) => [set.name, { set, reference: referenceTo(set) }]));
    const rules: KeyedRule[] = [];
    const used = new Map<string, NamedSet>();
    for (const located of checked.flatMap((template) => template.rules)) {
        const resolved = resolveSets(located, known, problems);
        if (!resolved) {
            unknownRules.push(located.key);
            continue;
        }
        rules.push({ key: located.key, rule: resolved.rule });
        for (const set of resolved.sets) used.set(set.name, set);
    }
    const names = raw.templates.map(({ name }) => name);
    const stored = storePolicy({ rules, sets: [...used.values()].sort(byName), defaults, unknownRules }, names);
    return { stored, policy: policyOf(stored, parsed), findingSettings, problems };
}

const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1);

function checkDefaults(raw: Readonly<Record<string, unknown>>, problems: Diagnostic[]): Defaults {
    for (const key of Object.keys(raw)) {
        if (key === "ingress" || key === "egress") continue;
        const proposal = propose(key, ["ingress", "egress"], "Fields are ingress, egress.");
        problems.push(diagnostic("VF009", { value: quote(key), proposal }, "defaults"));
    }
    const word = (direction: keyof Defaults, otherwise: "accept" | "drop") => {
        const value = raw[direction] ?? otherwise;
        if (value === "accept" || value === "drop") return value;
        if (value === NOT_KNOWN_YET) return otherwise;
        const problem = { field: `defaults.${direction}`, value: quote(value), proposal: "It is accept or drop." };
        problems.push(diagnostic("VF014", problem, `defaults.${direction}`));
        return otherwise;
    };
    return { ingress: word("ingress", "drop"), egress: word("egress", "accept") };
}

interface LocatedRule extends KeyedRule {
    readonly path: string;
}

function unmetRequirements(
    name: string,
    { requires }: FlatTemplate,
    defaults: Defaults,
    raw: RawPolicy["defaults"],
    path: string,
): Diagnostic[] {
    return (["ingress", "egress"] as const).flatMap((direction) => {
        const required = requires[direction];
        const given = defaults[direction];
        if (required === undefined || required === given || raw?.[direction] === NOT_KNOWN_YET) return [];
        return [diagnostic("VF056", { value: quote(name), required, direction, given }, `${path}.requires`)];
    });
}

interface TemplatePlace {
    readonly raw: RawPolicy;
    /** Of the template among all. */
    readonly index: number;
    readonly problems: Diagnostic[];
    /** Rules by the lines that they were given as: such a line is mostly stored as it is. */
    readonly parsed: Map<string, Rule>;
}

function checkTemplate(
    name: string,
    rules: FlatTemplate["rules"],
    { index, raw, problems, parsed }: TemplatePlace,
): { rules: LocatedRule[]; unknown: string[] } {
    const path = `templates[${index}]`;
    const badName = checkName("template", name, path);
    problems.push(...badName);
    if (raw.templates.findIndex((other) => other.name === name) !== index)
        problems.push(diagnostic("VF022", { kind: "templates", value: quote(name) }, path));
    if (Object.keys(rules).length === 0) problems.push(diagnostic("VF021", { value: quote(name) }, path));
    const unknown: string[] = [];
    const checkedRules = Object.entries(rules).flatMap(([ruleName, input]): LocatedRule[] => {
        const key = `${name}/${ruleName}`;
        const rulePath = inputPath(`${path}.rules`, ruleName);
        const badRuleName = checkName("rule", ruleName, rulePath);
        const checked = checkRule(input, rulePath);
        problems.push(...badRuleName, ...checked.problems);
        if (checked.rule && typeof input === "string") parsed.set(input, checked.rule);
        // A name that is refused must not get into a line: it could not be read back.
        if (checked.rule && badName.length + badRuleName.length === 0)
            return [{ key, rule: checked.rule, path: rulePath }];
        unknown.push(key);
        return [];
    });
    return { rules: checkedRules, unknown };
}

type KnownSets = ReadonlyMap<string, { readonly set: NamedSet; readonly reference: SetReference }>;

/** References get count and digest, long literal lists become sets of their own. Nothing where a set is not known. */
function resolveSets(
    { key, rule, path }: LocatedRule,
    known: KnownSets,
    problems: Diagnostic[],
): { readonly rule: Rule; readonly sets: readonly NamedSet[] } | undefined {
    const used: NamedSet[] = [];
    const resolveList = (list: AddressList, ownName: string, field: string): AddressList | undefined => {
        const references: SetReference[] = [];
        for (const { name } of list.sets) {
            const found = known.get(name);
            if (!found) problems.push(unknownSet(name, known, `${path}.${field}`));
            if (!found || !isName(name)) return undefined;
            used.push(found.set);
            references.push(found.reference);
        }
        if (toPrefixes(list.ranges).length <= LONGEST_LITERAL_LIST) return { ...list, sets: references };
        const own: NamedSet = { name: ownName, ranges: list.ranges };
        used.push(own);
        return { ...list, ranges: [], sets: [...references, referenceTo(own)].sort(byName) };
    };
    const resolve = (addresses: Addresses, ownName: string, field: string): Addresses | undefined => {
        const list = addresses.kind === "list" ? resolveList(addresses, ownName, field) : {};
        const except = addresses.except && resolveList(addresses.except, `${key}/${field}-except`, `${field}Except`);
        if (!list || (addresses.except && !except)) return undefined;
        return { ...addresses, ...list, ...(except && { except }) };
    };
    const from = resolve(rule.from.addresses, key, "from");
    const to = resolve(rule.to.addresses, `${key}/to`, "to");
    if (!from || !to) return undefined;
    return {
        rule: { ...rule, from: { ...rule.from, addresses: from }, to: { ...rule.to, addresses: to } },
        sets: used,
    };
}

function unknownSet(name: string, known: KnownSets, path: string): Diagnostic {
    const otherwise = "Pass the AddressSet itself, or list it under sets of the template.";
    const proposal = propose(name, [...known.keys()].filter(isName), otherwise);
    return diagnostic("VF011", { value: quote(name), proposal }, path);
}
