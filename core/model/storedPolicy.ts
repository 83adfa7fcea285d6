import type { AddressRange } from "./addresses";
import { restoreSet, storeSet, type StoredSet } from "./addressSets";
import { formatRule, NOT_KNOWN_YET } from "./formatRule";
import { parseRule } from "./parseRule";
import type { Defaults, KeyedRule, NamedSet, Policy } from "./policy";
import { type Addresses, type AddressList, DEFAULT_PRIORITY, type Peer, type Rule } from "./rule";

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
    /** As in a policy; only where a host keeps it. */
    readonly forward?: "containers";
    /** Of a target with a switch: `off`, nothing is filtered and the rules wait. Absent: there is none, they hold. */
    readonly enabled?: Switch;
}

export type Switch = "on" | "off";

/** What becomes of packets where nothing is filtered. */
export const UNFILTERED: Defaults = { ingress: "accept", egress: "accept" };

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
        ...(policy.forward && { forward: policy.forward }),
    };
}

/**
 * The policy that a stored form says, rules in deciding order, disabled ones left out; nothing of it where it is switched off.
 * Throws on a line that can't be parsed.
 * `parsed`: what some lines were parsed to already.
 */
export function policyOf(stored: StoredPolicy, parsed: ReadonlyMap<string, Rule> = new Map()): Policy {
    if (stored.enabled === "off") return { rules: [], sets: [], defaults: UNFILTERED };
    const unknownRules = Object.keys(stored.rules).filter((key) => stored.rules[key] === NOT_KNOWN_YET);
    const known = Object.entries(stored.rules).filter(([, line]) => line !== NOT_KNOWN_YET);
    const rules = known.map(([key, line]): KeyedRule => {
        const before = parsed.get(line);
        if (before) return { key, rule: before };
        const read = parseRule(line, key);
        if ("problem" in read) throw new Error(read.problem.message);
        return { key, rule: read.rule };
    });
    const templates = stored.templates?.split(", ") ?? [];
    const sets = Object.entries(stored.sets ?? {}).map(([name, set]) => restoreSet(name, set, stored.__sets?.[name]));
    return {
        rules: inDecidingOrder(rules, templates).filter(({ rule }) => rule.enabled),
        sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)),
        defaults: stored.defaults,
        ...(stored.forward && { forward: stored.forward }),
        ...(unknownRules.length > 0 && { unknownRules }),
    };
}

const ACTION_RANK = { drop: 0, reject: 1, accept: 2 } as const;

/** Templates in their order; within one by priority, then drop before reject before accept, then name. */
function inDecidingOrder(rules: readonly KeyedRule[], templates: readonly string[]): KeyedRule[] {
    const placeOf = new Map(templates.map((name, place) => [name, place]));
    const rankOf = (key: string) => placeOf.get(key.slice(0, key.indexOf("/"))) ?? -1;
    // Asked once for each rule: sorting compares each many times.
    const ranks = new Map(placeOf.size > 1 ? rules.map(({ key }) => [key, rankOf(key)]) : []);
    return [...rules].sort(
        (a, b) =>
            (ranks.get(a.key) ?? 0) - (ranks.get(b.key) ?? 0) ||
            a.rule.priority - b.rule.priority ||
            ACTION_RANK[a.rule.action] - ACTION_RANK[b.rule.action] ||
            (a.key < b.key ? -1 : 1),
    );
}

/** Is there anything in the policy that is not known yet? The key of the first such rule or set. */
export function notKnownYet({ rules, sets, unknownRules }: Policy): string | undefined {
    const rule = rules.find(({ rule: { from, to } }) => isOpen(from) || isOpen(to));
    return unknownRules?.[0] ?? rule?.key ?? sets.find(({ unknown }) => unknown)?.name;
}

function isOpen({ addresses, ports }: Peer): boolean {
    return (addresses.kind === "list" && addresses.unknown) || !!addresses.except?.unknown || !!ports?.unknown;
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
