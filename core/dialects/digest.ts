import { createHash } from "node:crypto";
import { formatPrefix, toPrefixes } from "../model/addresses";
import { formatRule } from "../model/formatRule";
import type { Policy } from "../model/policy";
import type { Addresses, AddressList, Rule } from "../model/rule";
import { baseLine } from "./baseLine";

/** 16 hex digits that two policies share exactly if they mean the same: base, rules in order, sets and defaults. */
export function digestOf(policy: Policy): string {
    const direction = (wanted: string) =>
        policy.rules
            .filter(({ rule }) => rule.direction === wanted)
            .map(({ key, rule }) => [key, formatRule(withoutCounts(rule))]);
    const sets = policy.sets.map(({ name, ranges }) => [name, toPrefixes(ranges).map(formatPrefix)] as const);
    const form = {
        base: baseLine,
        ingress: direction("ingress"),
        egress: direction("egress"),
        sets: [...sets].sort(([a], [b]) => (a < b ? -1 : 1)),
        defaults: [policy.defaults.ingress, policy.defaults.egress],
        ...(policy.forward && { forward: policy.forward }),
    };
    return createHash("sha256").update(JSON.stringify(form)).digest("hex").slice(0, 16);
}

function namesSets({ from, to }: Rule): boolean {
    return hasSets(from.addresses) || hasSets(to.addresses);
}

function hasSets(addresses: Addresses): boolean {
    return (addresses.kind === "list" && addresses.sets.length > 0) || (addresses.except?.sets.length ?? 0) > 0;
}

/** Count and digest in a reference repeat what the set itself says. */
export function withoutCounts(rule: Rule): Rule {
    if (!namesSets(rule)) return rule;
    const names = (list: AddressList) => ({ ...list, sets: list.sets.map(({ name }) => ({ name })) });
    const plain = (addresses: Addresses): Addresses => ({
        ...(addresses.kind === "list" ? { ...addresses, ...names(addresses) } : addresses),
        ...(addresses.except && { except: names(addresses.except) }),
    });
    return {
        ...rule,
        from: { ...rule.from, addresses: plain(rule.from.addresses) },
        to: { ...rule.to, addresses: plain(rule.to.addresses) },
    };
}
