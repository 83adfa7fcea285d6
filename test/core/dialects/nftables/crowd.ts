import { type AddressRange, BITS, type Family, mergeRanges, prefixToRange } from "../../../../core/model/addresses";
import { formatRule } from "../../../../core/model/formatRule";
import { parseRule } from "../../../../core/model/parseRule";
import { referenceTo } from "../../../../core/model/addressSets";
import type { NamedSet, Policy } from "../../../../core/model/policy";
import type { Addresses, Rule } from "../../../../core/model/rule";

const MIXED: Readonly<Record<Family, readonly number[]>> = {
    4: [32, 32, 31, 28, 24, 22, 17],
    6: [128, 64, 63, 48, 33],
};
const FEW: Readonly<Record<Family, readonly number[]>> = { 4: [24, 32], 6: [48] };

/** Networks of mixed lengths, none beside another: the same for the same count. */
export function crowdOf(family: Family, count: number, lengths = MIXED[family]): AddressRange[] {
    const top = family === 4 ? 11n << 24n : 0x2001n << 112n;
    // Twice as far apart as the largest are.
    const step = 1n << BigInt(BITS[family] - Math.min(...lengths) + 1);
    return Array.from({ length: count }, (_, i) => {
        const length = lengths[i % lengths.length]!;
        return prefixToRange({ family, address: top + BigInt(i) * step, length });
    });
}

/** A policy of which each set has so many networks more, of few lengths, of one family or both. */
export function withCrowds(policy: Policy, count: number, families: readonly Family[]): Policy {
    const sets = policy.sets.map(({ name, ranges }): NamedSet => ({
        name,
        ranges: mergeRanges([...ranges, ...families.flatMap((family) => crowdOf(family, count, FEW[family]))]),
    }));
    const byName = new Map(sets.map((set) => [set.name, referenceTo(set)]));
    const addresses = (each: Addresses): Addresses =>
        each.kind === "anywhere"
            ? { ...each, ...(each.except && { except: listed(each.except) }) }
            : { ...each, ...listed(each), ...(each.except && { except: listed(each.except) }) };
    const listed = <List extends { readonly sets: readonly { readonly name: string }[] }>(list: List): List => ({
        ...list,
        sets: list.sets.map(({ name }) => byName.get(name) ?? { name }),
    });
    const rules = policy.rules.map(({ key, rule }) => ({
        key,
        rule: sameWritten({
            ...rule,
            from: { ...rule.from, addresses: addresses(rule.from.addresses) },
            to: { ...rule.to, addresses: addresses(rule.to.addresses) },
        }),
    }));
    return { ...policy, rules, sets };
}

/** A rule in normal form. */
function sameWritten(rule: Rule): Rule {
    const parsed = parseRule(formatRule(rule));
    return "rule" in parsed ? parsed.rule : rule;
}
