import type { AddressRange } from "./addresses";
import { restoreSet, storeSet, type StoredSet } from "./addressSets";
import { formatRule, NOT_KNOWN_YET } from "./formatRule";
import { parseRule } from "./parseRule";
import type { Defaults, KeyedRule, NamedSet, Policy } from "./policy";
import { type Addresses, type AddressList, DEFAULT_PRIORITY } from "./rule";

/** The part of a target's state that says what it enforces: keyed, never indexed. */
export interface StoredPolicy {
    /** `<template>/<rule>` -> canonical line, which can be parsed back and applied. */
    readonly rules: Readonly<Record<string, string>>;
    readonly sets?: Readonly<Record<string, StoredSet>>;
    /** Entries of the sets that `sets` keeps by digest, a line each. Never shown in a diff (the engine hides `__`). */
    readonly __sets?: Readonly<Record<string, string>>;
    /** The templates in deciding order, where there are several. */
    readonly templates?: string;
    /** The rules whose priority is not the default, in deciding order; absent where there is none. */
    readonly order?: string;
    readonly defaults: Defaults;
}

/** The stored form of a policy. `templates` in deciding order. */
export function storePolicy(policy: Policy, templates: readonly string[]): StoredPolicy {
    const byKey = [...policy.rules].sort((a, b) => (a.key < b.key ? -1 : 1));
    const lines = byKey.map(({ key, rule }): [string, string] => [key, formatRule(rule)]);
    for (const key of policy.unknownRules ?? []) lines.push([key, NOT_KNOWN_YET]);
    const sets = policy.sets.map((set) => ({ name: set.name, ...storeSet(set) }));
    const large = sets.flatMap(({ name, entries }) => (entries === undefined ? [] : [[name, entries]]));
    const ranked = inDecidingOrder(byKey, templates).filter(({ rule }) => rule.priority !== DEFAULT_PRIORITY);
    return {
        rules: Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1))),
        ...(sets.length > 0 && { sets: Object.fromEntries(sets.map(({ name, stored }) => [name, stored])) }),
        ...(large.length > 0 && { __sets: Object.fromEntries(large) }),
        ...(templates.length > 1 && { templates: templates.join(", ") }),
        ...(ranked.length > 0 && { order: ranked.map(({ key, rule }) => `${key} (${rule.priority})`).join(", ") }),
        defaults: policy.defaults,
    };
}

/** The policy that a stored form says, rules in deciding order, disabled ones left out. Throws on a line that can't be parsed. */
export function policyOf(stored: StoredPolicy): Policy {
    const unknownRules = Object.keys(stored.rules).filter((key) => stored.rules[key] === NOT_KNOWN_YET);
    const known = Object.entries(stored.rules).filter(([, line]) => line !== NOT_KNOWN_YET);
    const rules = known.map(([key, line]): KeyedRule => {
        const parsed = parseRule(line, key);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return { key, rule: parsed.rule };
    });
    const templates = stored.templates?.split(", ") ?? [];
    const sets = Object.entries(stored.sets ?? {}).map(([name, set]) => restoreSet(name, set, stored.__sets?.[name]));
    return {
        rules: inDecidingOrder(rules, templates).filter(({ rule }) => rule.enabled),
        sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)),
        defaults: stored.defaults,
        ...(unknownRules.length > 0 && { unknownRules }),
    };
}

const ACTION_RANK = { drop: 0, reject: 1, accept: 2 } as const;

/** Templates in their order; within one by priority, then drop before reject before accept, then name. */
function inDecidingOrder(rules: readonly KeyedRule[], templates: readonly string[]): KeyedRule[] {
    const templateRank = (key: string) => templates.indexOf(key.slice(0, key.indexOf("/")));
    return [...rules].sort(
        (a, b) =>
            templateRank(a.key) - templateRank(b.key) ||
            a.rule.priority - b.rule.priority ||
            ACTION_RANK[a.rule.action] - ACTION_RANK[b.rule.action] ||
            (a.key < b.key ? -1 : 1),
    );
}

/** Is there anything in the policy that is not known yet? The key of the first such rule or set. */
export function notKnownYet({ rules, sets, unknownRules }: Policy): string | undefined {
    const open = (addresses: Addresses) => listsOf(addresses).some(({ unknown }) => unknown);
    const rule = rules.find(
        ({ rule: { from, to } }) =>
            open(from.addresses) || open(to.addresses) || from.ports?.unknown || to.ports?.unknown,
    );
    return unknownRules?.[0] ?? rule?.key ?? sets.find(({ unknown }) => unknown)?.name;
}

/** The lists that addresses hold: those named, and the exceptions. */
export function listsOf(addresses: Addresses): AddressList[] {
    return [...(addresses.kind === "list" ? [addresses] : []), ...(addresses.except ? [addresses.except] : [])];
}

/** All addresses that a list means, sets included; `unknown` if there may be more. */
export function addressesOf(
    list: AddressList,
    sets: readonly NamedSet[],
): { readonly ranges: readonly AddressRange[]; readonly unknown: boolean } {
    const named = list.sets.flatMap(({ name }) => sets.filter((set) => set.name === name));
    return {
        ranges: [...list.ranges, ...named.flatMap(({ ranges }) => ranges)],
        unknown: list.unknown || named.some(({ unknown }) => unknown === true),
    };
}
