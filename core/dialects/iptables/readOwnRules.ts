import type { Family } from "../../model/addresses";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Direction, Rule } from "../../model/rule";
import { ruleComment } from "../ruleComment";
import { foldRule } from "./foldRule";
import type { Part } from "./readChain";
import { type FamilyLines, isWrittenAs } from "./writtenLines";

export interface OwnRule {
    readonly rule: Rule;
    /** It is the expected rule, to the letter. */
    readonly asExpected: boolean;
}

/** What the lines under our comments say, by key. Lines that say no rule together have none. */
export function readOwnRules(
    parts: Readonly<Record<Family, readonly Part[]>>,
    direction: Direction,
    expected: Policy | undefined,
): ReadonlyMap<string, OwnRule> {
    const wanted = new Map(expected?.rules.map((keyed) => [keyed.key, keyed]));
    const groups = { 4: groupsOf(parts[4]), 6: groupsOf(parts[6]) };
    const rules = new Map<string, OwnRule>();
    for (const key of new Set([...groups[4].keys(), ...groups[6].keys()])) {
        const [ipv4, ipv6] = [groups[4].get(key), groups[6].get(key)];
        const { said, lines: some } = ipv4 ?? ipv6!;
        const comment = some[0]!.line.comment!;
        if (ipv4 && ipv6 && ipv6.lines[0]!.line.comment !== comment) continue;
        const lines: FamilyLines = {
            4: ipv4?.lines.map(({ line }) => line) ?? [],
            6: ipv6?.lines.map(({ line }) => line) ?? [],
        };
        const known = wanted.get(key);
        const isExpected =
            known?.rule.direction === direction &&
            ruleComment(known) === comment &&
            isWrittenAs(lines, known, expected!.sets);
        const folded = isExpected ? undefined : foldRule(lines, direction, key);
        const { priority, expires } = said;
        const rule = isExpected ? known.rule : folded && { ...folded, priority, ...(expires && { expires }) };
        if (rule && ruleComment({ key, rule }) === comment) rules.set(key, { rule, asExpected: isExpected });
    }
    return rules;
}

type Group = Extract<Part, { kind: "rule" }>;

function groupsOf(parts: readonly Part[]): ReadonlyMap<string, Group> {
    return new Map(parts.flatMap((part) => (part.kind === "rule" ? [[part.said.key, part]] : [])));
}

/** Expected rules that no packet can meet, such as of an empty set: nothing stands for them. */
export function unwrittenRules(
    found: ReadonlySet<string>,
    direction: Direction,
    expected: Policy | undefined,
): KeyedRule[] {
    const missing = expected?.rules.filter(({ key, rule }) => rule.direction === direction && !found.has(key)) ?? [];
    return missing.filter((keyed) => isWrittenAs({ 4: [], 6: [] }, keyed, expected!.sets));
}
