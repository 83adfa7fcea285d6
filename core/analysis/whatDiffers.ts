import type { KeyedRule, Policy } from "../model/policy";
import type { Addresses, PortList, ProtocolMatch, Rule } from "../model/rule";

/**
 * Two policies without the rules that can make no difference between them: those that both have, in the same order, and
 * that can meet no packet which a rule meets that only one of them has. What remains of both decides alike, or not, just as
 * both did.
 */
export function whatDiffers(before: Policy, after: Policy): WhatDiffers {
    const sameDefaults =
        before.defaults.ingress === after.defaults.ingress && before.defaults.egress === after.defaults.egress;
    const unknown = before.unknownRules?.length || after.unknownRules?.length;
    if (!sameDefaults || unknown) return { before, after, common: new Set() };
    const sameSets = setsThatDiffer(before, after).size === 0;
    const common = sameSets ? commonRules(before.rules, after.rules) : new Set<string>();
    const changed = [...before.rules, ...after.rules].filter(({ key }) => !common.has(key)).map(({ rule }) => rule);
    if (changed.length > MOST_CHANGED) return { before, after, common };
    const matters = ({ key, rule }: KeyedRule) => !common.has(key) || mayMeetSome(rule, changed);
    const rules = before.rules.filter(matters);
    const known = new Set(rules.map(({ key }) => key));
    // What both have is the same in both.
    const newRules = after.rules.filter(({ key }) => known.has(key) || !common.has(key));
    return { before: { ...before, rules }, after: { ...after, rules: newRules }, common };
}

export interface WhatDiffers {
    readonly before: Policy;
    readonly after: Policy;
    /** Keys of rules that are the same in both. */
    readonly common: ReadonlySet<string>;
}

/** With more, asking all rules about all of them costs more than it saves. */
const MOST_CHANGED = 500;

/** Names of sets that are not the same in both. */
function setsThatDiffer(before: Policy, after: Policy): Set<string> {
    const old = new Map(before.sets.map((set) => [set.name, set]));
    const names = after.sets.filter((set) => {
        const other = old.get(set.name);
        return other !== undefined && other !== set && !isEqual(other, set);
    });
    return new Set(names.map(({ name }) => name));
}

/** Keys of the rules that stand in both lists, the same and in the same order. */
function commonRules(before: readonly KeyedRule[], after: readonly KeyedRule[]): Set<string> {
    let places: ReadonlyMap<string, number> | undefined;
    const common = new Set<string>();
    let reached = -1;
    for (const { key, rule } of after) {
        if (reached + 1 === before.length) break;
        const place = nearPlace(before, reached + 1, key) ?? (places ??= placesOf(before)).get(key);
        if (place === undefined || place < reached) continue;
        const other = before[place]!.rule;
        if (other !== rule && !isEqual(other, rule)) continue;
        common.add(key);
        reached = place;
    }
    return common;
}

/** Most rules stand right after the last one that both have, or a few places on. */
function nearPlace(rules: readonly KeyedRule[], from: number, key: string): number | undefined {
    const end = Math.min(from + NEAR, rules.length);
    for (let place = from; place < end; place++) if (rules[place]!.key === key) return place;
    return undefined;
}

const NEAR = 20;

function placesOf(rules: readonly KeyedRule[]): ReadonlyMap<string, number> {
    return new Map(rules.map(({ key }, place) => [key, place]));
}

/** Plain data. Without lists of keys: ten thousand rules are compared so. */
function isEqual(a: unknown, b: unknown): boolean {
    if (a === b) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (Array.isArray(a) || Array.isArray(b)) {
        if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
        for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i])) return false;
        return true;
    }
    let more = 0;
    for (const key in a) {
        const x = (a as Record<string, unknown>)[key];
        const y = (b as Record<string, unknown>)[key];
        if (x === y ? y === undefined && !(key in b) : !isEqual(x, y)) return false;
        more++;
    }
    for (const _ in b) more--;
    return more === 0;
}

function mayMeetSome(rule: Rule, others: readonly Rule[]): boolean {
    for (const other of others) if (mayMeet(rule, other)) return true;
    return false;
}

/** False only where surely no packet matches both. */
function mayMeet(a: Rule, b: Rule): boolean {
    return (
        a.direction === b.direction &&
        portsMeet(a.to.ports, b.to.ports) &&
        addressesMeet(a.from.addresses, b.from.addresses) &&
        addressesMeet(a.to.addresses, b.to.addresses) &&
        protocolsMeet(a.matches, b.matches) &&
        portsMeet(a.from.ports, b.from.ports)
    );
}

function protocolsMeet(a: readonly ProtocolMatch[], b: readonly ProtocolMatch[]): boolean {
    for (const { protocol } of a)
        for (const other of b)
            if (protocol === "any" || other.protocol === "any" || protocol === other.protocol) return true;
    return false;
}

function portsMeet(a: PortList | undefined, b: PortList | undefined): boolean {
    if (!a || !b || a.unknown || b.unknown) return true;
    for (const x of a.ranges) for (const y of b.ranges) if (x.first <= y.last && y.first <= x.last) return true;
    return false;
}

function addressesMeet(a: Addresses, b: Addresses): boolean {
    if (a.kind === "anywhere" || b.kind === "anywhere" || a.unknown || b.unknown) return true;
    if (a.sets.length > 0 || b.sets.length > 0) return true;
    for (const x of a.ranges)
        for (const y of b.ranges) if (x.family === y.family && x.first <= y.last && y.first <= x.last) return true;
    return false;
}
