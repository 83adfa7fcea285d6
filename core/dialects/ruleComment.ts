import { isName } from "../model/names";
import type { KeyedRule } from "../model/policy";
import { DEFAULT_PRIORITY } from "../model/rule";

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
