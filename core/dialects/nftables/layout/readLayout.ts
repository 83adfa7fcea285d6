import { TooMuchWork } from "../../../analysis/diagram";
import { formatPacket } from "../../../analysis/witness";
import { formatRule } from "../../../model/formatRule";
import type { KeyedRule, NamedSet, Policy } from "../../../model/policy";
import type { Rule } from "../../../model/rule";
import { notKnownYet } from "../../../model/storedPolicy";
import { withoutCounts } from "../../digest";
import type { Reading } from "../../dialect";
import { changedBase } from "../../reading";
import { UnreadableRuleset } from "../../unreadable";
import { identity } from "../distinct";
import { proveTranslation } from "../interpret/prove";
import type { RuleReading } from "../readBack";
import { ownListing } from "./ownListing";

/**
 * A reading of a listing in which rules are laid out in sets. Those are not told apart there, so they are the rules of the
 * policy that is expected, where the listing does with every packet what this says; rules that stand by themselves are as they
 * were read. What others wrote is left out of the comparison: it has its own lines.
 */
export function withLayout(read: RuleReading, listing: string, expected: Policy | undefined): Reading {
    const { laidOut, restUnderstood, ...reading } = read;
    if (laidOut.length === 0 || !expected || notKnownYet(expected) !== undefined) return reading;
    const rules = expected.rules.flatMap(({ key, rule }): KeyedRule[] => {
        const found = reading.rules.get(key);
        if (found) return [{ key, rule: isSame(found, rule) ? rule : found }];
        // Such a rule always stands by itself.
        const isMissing = rule.limit !== undefined || rule.log !== undefined || !laidOut.includes(rule.direction);
        return isMissing ? [] : [{ key, rule }];
    });
    const known = new Set(rules.map(({ key }) => key));
    const more = [...reading.rules].flatMap(([key, rule]) => (known.has(key) ? [] : [{ key, rule }]));
    const all = inReadingOrder([...rules, ...more]);
    const found = compared(listing, asRead(reading, all, expected), reading.unmanaged.length > 0);
    const problem = found === TOO_MUCH ? undefined : found;
    const foreign = reading.effective.filter(({ key }) => !reading.rules.has(key));
    return {
        ...reading,
        rules: new Map(all.map(({ key, rule }) => [key, rule])),
        ...changedBase(problem === undefined ? [] : [problem], reading),
        effective: [...foreign, ...all],
        understood: restUnderstood && found === undefined && foreign.length === 0,
    };
}

/** The policy that the listing should mean: the one that is expected, if nothing was read otherwise, since that one is known. */
function asRead({ sets, defaults }: Reading, rules: readonly KeyedRule[], expected: Policy): Policy {
    const ordered = inReadingOrder(expected.rules);
    const isExpected =
        !expected.forward &&
        rules.length === ordered.length &&
        rules.every(({ rule }, i) => rule === ordered[i]!.rule) &&
        defaults.ingress === expected.defaults.ingress &&
        defaults.egress === expected.defaults.egress &&
        sameSets(sets, expected.sets);
    return isExpected ? expected : { rules, sets, defaults };
}

/** That would take too long to tell, so it is not understood; the preview has said so. */
const TOO_MUCH = Symbol("too much work");

/** In what way a listing does not mean the policy. */
function compared(listing: string, policy: Policy, hasForeign: boolean): string | typeof TOO_MUCH | undefined {
    try {
        const difference = proveTranslation({ listing: hasForeign ? ownListing(listing) : listing }, policy);
        if (!difference) return undefined;
        const { packet, meant, done } = difference;
        return `the rules laid out in sets mean something else (${formatPacket(packet)}: ${done}, not ${meant})`;
    } catch (error) {
        if (error instanceof TooMuchWork) return TOO_MUCH;
        if (error instanceof UnreadableRuleset) return `the sets can't be read: ${error.message}`;
        throw error;
    }
}

function inReadingOrder(rules: readonly KeyedRule[]): KeyedRule[] {
    const of = (direction: string) => rules.filter(({ rule }) => rule.direction === direction);
    return [...of("ingress"), ...of("egress")];
}

function isSame(a: Rule, b: Rule): boolean {
    return formatRule(withoutCounts(a)) === formatRule(withoutCounts(b));
}

function sameSets(a: readonly NamedSet[], b: readonly NamedSet[]): boolean {
    const byName = new Map(b.map((set) => [set.name, set]));
    return (
        a.length === b.length &&
        a.every(({ name, ranges }) => {
            const other = byName.get(name)?.ranges;
            return other?.length === ranges.length && identity(other) === identity(ranges);
        })
    );
}
