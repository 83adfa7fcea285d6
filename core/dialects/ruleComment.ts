import { isName } from "../model/names";
import type { KeyedRule } from "../model/policy";
import { DEFAULT_PRIORITY } from "../model/rule";
import { parseDay } from "../model/ruleOptions";

/** What a rule is called in the ruleset: its key, and what else its text does not say. No user's word but checked names. */
export function ruleComment({ key, rule }: KeyedRule): string {
    const [template = "", name = "", ...more] = key.split("/");
    if (!isName(template) || !isName(name) || more.length > 0)
        throw new Error("the key of a rule must be template/rule");
    if (!rule.enabled) throw new Error(`rule ${key} is disabled and has no place in a policy`);
    const priority = rule.priority === DEFAULT_PRIORITY ? "" : ` priority ${rule.priority}`;
    // Short, since a comment of nft takes no more than 128 characters.
    const expires = rule.expires === undefined ? "" : ` e${rule.expires}`;
    return `${key}${priority}${expires}`;
}

export interface RuleComment {
    readonly key: string;
    readonly priority: number;
    readonly expires?: string;
}

/** Reads `web/ssh`, with its priority and its last day: `web/ssh priority 900 e2027-01-31`. */
export function readRuleComment(comment: string): RuleComment | undefined {
    const found = /^([^ /]+)\/([^ /]+)(?: priority (\d{1,7}))?(?: e(\d{4}-\d{2}-\d{2}))?$/.exec(comment);
    if (!found || !isName(found[1]!) || !isName(found[2]!)) return undefined;
    return {
        key: `${found[1]}/${found[2]}`,
        priority: found[3] === undefined ? DEFAULT_PRIORITY : Number(found[3]),
        ...(found[4] !== undefined && "value" in parseDay(found[4]) && { expires: found[4] }),
    };
}

/** Of a line for several rules that stand in a set. It helps people only: what the line means is made out from the set. */
export function layoutComment(count: number, first: string): string {
    return `layout:${count} rules, first ${first}`;
}

export function isLayoutComment(comment: string): boolean {
    return comment.startsWith("layout:");
}

/** Would a rule with this comment be put back by a text of ours? */
export function isOurComment(comment: string): boolean {
    return (
        /^(base|default):/.test(comment) ||
        isLayoutComment(comment) ||
        /^[a-z0-9][a-z0-9._-]*\/[a-z0-9][a-z0-9._-]*( priority \d+)?( e\d{4}-\d\d-\d\d)?$/.test(comment)
    );
}
