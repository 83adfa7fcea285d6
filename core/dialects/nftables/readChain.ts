import type { Direction, Rule } from "../../model/rule";
import { printable } from "../../model/diagnostics";
import type { Entry } from "../reading";
import { isLayoutComment, readRuleComment, type RuleComment } from "../ruleComment";
import { describe } from "./describe";
import { type ReadSet } from "./foldEnds";
import { foldRule } from "./foldRule";
import { type Foreign, foreignModelRule, foreignRule } from "../foreign";
import type { NftChain, NftRule, NftTable } from "./listing";
import { readBase } from "./readBase";
import { readRule } from "./readRule";

export interface ChainReading {
    /** What happens to a packet that no rule decides. */
    readonly action: "accept" | "drop";
    readonly rules: ReadonlyMap<string, Rule>;
    readonly effective: readonly Entry[];
    readonly foreign: readonly Foreign[];
    /** What is missing or changed other than rules, in words. */
    readonly changes: readonly string[];
    /** False if a rule that may decide packets could not be read, other than those laid out in sets. */
    readonly understood: boolean;
    /** Rules stand in sets, which only the policy can tell apart. */
    readonly laidOut: boolean;
}

const NOTHING = {
    rules: new Map<string, Rule>(),
    effective: [],
    foreign: [],
    changes: [],
    understood: true,
    laidOut: false,
};

/** Reads one of our two chains. Egress that is not filtered has none. */
export function readChain(
    table: NftTable,
    name: "input" | "output",
    direction: Direction,
    sets: readonly ReadSet[],
): ChainReading {
    const chain = table.chains.find((candidate) => candidate.name === name);
    if (!chain) {
        const changes = direction === "ingress" ? ["chain input is missing"] : [];
        return { ...NOTHING, action: "accept", changes };
    }
    const { rules } = chain;
    const end = rules.findIndex((rule) => defaultOf(rule) !== undefined);
    const reachable = end < 0 ? rules.length : end;
    const firstOwn = rules.findIndex((rule) => keyOf(rule) !== undefined || isLayout(rule));
    const base = readBase(rules, direction, firstOwn < 0 ? reachable : Math.min(firstOwn, reachable));
    const action =
        (end < 0 ? undefined : defaultOf(rules[end]!)) ?? (chain.hook?.policy === "drop" ? "drop" : "accept");
    const changes = [...hookChanges(chain, name, action), ...base.missing];
    if (end < 0) changes.push(`${direction} default is missing`);

    const own = new Map<string, Rule>();
    const effective: Entry[] = [];
    const foreign: Foreign[] = [];
    let understood = isUsualHook(chain, name);
    for (let position = 0; position < rules.length;) {
        const rule = rules[position]!;
        if (base.rules.has(rule) || position === end || (isLayout(rule) && position < reachable)) {
            position++;
            continue;
        }
        const group = groupAt(rules, position, reachable);
        const key = keyOf(rule);
        const clauses = group.map((member) => readRule(member, direction, table));
        const folded = clauses.every((clause) => clause !== undefined)
            ? foldRule(clauses.flat(), direction, sets, key && { key: key.key, table })
            : undefined;
        if (key && folded && !own.has(key.key) && position < reachable) {
            const whole: Rule = { ...folded, priority: key.priority, ...(key.expires && { expires: key.expires }) };
            own.set(key.key, whole);
            effective.push({ key: key.key, rule: whole });
        } else
            group.forEach((member, index) => {
                const item = readForeign(member, position + index);
                foreign.push(item);
                if (position >= reachable) return;
                if (item.rule) effective.push({ foreign: item });
                else if (decides(member)) understood = false;
            });
        position += group.length;
    }
    // Without a hook no packet comes here, whatever the chain says.
    if (!chain.hook) return { ...NOTHING, action: "accept", rules: own, foreign, changes };
    const laidOut = rules.slice(0, reachable).some(isLayout);
    return { action, rules: own, effective, foreign, changes, understood, laidOut };

    function readForeign(rule: NftRule, position: number): Foreign {
        const clauses = readRule(rule, direction, table);
        const read = clauses && foldRule(clauses, direction, sets);
        if (!read) return foreignRule(describe(rule), name, position, rule.handle);
        const reason = position > reachable ? "it stands behind the default" : undefined;
        return foreignModelRule(read, { place: name, position, handle: rule.handle }, reason);
    }
}

/** The rules from `position` on that carry the same key: together they are one rule of ours. */
function groupAt(rules: readonly NftRule[], position: number, reachable: number): NftRule[] {
    const first = rules[position]!;
    const group = [first];
    if (!keyOf(first)) return group;
    for (let next = position + 1; next !== reachable && rules[next]?.comment === first.comment; next++)
        group.push(rules[next]!);
    return group;
}

function keyOf({ comment }: NftRule): RuleComment | undefined {
    return comment === undefined ? undefined : readRuleComment(comment);
}

function isLayout({ comment = "" }: NftRule): boolean {
    return isLayoutComment(comment);
}

function defaultOf(rule: NftRule): "accept" | "drop" | undefined {
    const text = describe(rule);
    return (text === "accept" || text === "drop") && rule.comment === `default:${text}` ? text : undefined;
}

/** Whether a rule can end the way of a packet: one that only counts or logs can't. */
function decides({ expressions }: NftRule): boolean {
    return expressions.some((expression) => !DECIDES_NOTHING.includes(expression.kind) && !isStrangeLog(expression));
}

const DECIDES_NOTHING: readonly string[] = ["counter", "match", "flags", "limit", "log"];

/** One that says more than a prefix. */
function isStrangeLog(expression: NftRule["expressions"][number]): boolean {
    return expression.kind === "unknown" && JSON.stringify(expression.json).startsWith('{"log":');
}

function isUsualHook({ hook }: NftChain, name: string): boolean {
    return hook?.type === "filter" && hook.hook === name && hook.priority === 0;
}

function hookChanges(chain: NftChain, name: string, action: string): string[] {
    if (!chain.hook) return [`chain ${name} sees no packets`];
    const changes = isUsualHook(chain, name) ? [] : [`chain ${name} has another hook`];
    return chain.hook.policy === action
        ? changes
        : [...changes, `chain ${name} has policy ${printable(chain.hook.policy, 20)}`];
}
