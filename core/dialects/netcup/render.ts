import { mustBeKnown } from "../../analysis/decide";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { countRules } from "./count";
import type { Line, RenderedSide } from "./lines";
import type { Note } from "./notes";
import { notesOf } from "./policyNotes";
import { refuseWhatCannotBeSaid } from "./refuse";
import { DIRECTIONS, PROTOCOLS, renderRule } from "./renderRule";
import { repliesIn, type Reply } from "./replies";
import type { FirewallRule } from "./rule";
import { withoutUnreached } from "./sides";

/** A policy of ours in the words of one policy of netcup's. */
export interface RenderedPolicy {
    /** In deciding order, ingress before egress. */
    readonly lines: readonly Line[];
    /** How much of netcup's limit they take. */
    readonly count: number;
    readonly notes: readonly Note[];
}

/**
 * The rules of netcup for a policy. Its first rule in a direction makes drop the default there, so a direction is only
 * touched where the policy drops something in it: to what is accepted by default nothing has to be said. Where defaults have
 * to be said, they are said by rules, so that they hold whatever the panel makes of rules that only drop.
 *
 * What is forwarded to containers is not told from what is for the server itself: the panel stands before both.
 *
 * Throws where the policy is not fully known: that is a mistake of the caller, not of a user.
 *
 * @throws CannotExpress
 */
export function render(policy: Policy): RenderedPolicy {
    mustBeKnown(policy);
    policy.rules.forEach(refuseWhatCannotBeSaid);
    const reached = withoutUnreached(policy);
    const sides = (["ingress", "egress"] as const).map((direction) => renderSide(direction, reached));
    const lines = sides.flatMap((side) => side.lines);
    return { lines, count: countRules(lines.map(({ rule }) => rule)), notes: notesOf(reached, sides) };
}

/** The rules alone, as they are sent. */
export function rulesOf({ lines }: RenderedPolicy): FirewallRule[] {
    return lines.map(({ rule }) => rule);
}

/** How much each template takes, by the first word of its keys; defaults count for nobody. */
export function countByTemplate({ lines }: RenderedPolicy): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { key, rule } of lines) {
        const name = key === undefined ? "defaults" : key.slice(0, key.indexOf("/"));
        counts.set(name, (counts.get(name) ?? 0) + countRules([rule]));
    }
    return counts;
}

function renderSide(direction: Direction, policy: Policy): RenderedSide {
    const own = policy.rules
        .filter(({ rule }) => rule.direction === direction)
        .flatMap((each) => linesFor(each, policy));
    if (policy.defaults[direction] === "accept") {
        const drops = own.findLastIndex(({ rule }) => rule.action === "DROP");
        const lines = drops < 0 ? [] : [...own.slice(0, drops + 1), ...defaultLines(direction, "ACCEPT")];
        return { direction, lines, replies: [] };
    }
    const replies = repliesIn(direction, policy);
    const lines = [...own, ...replies.flatMap((reply) => replyLines(reply, policy))];
    const accepts = lines.some(({ rule }) => rule.action === "ACCEPT");
    return { direction, lines: accepts ? lines : defaultLines(direction, "DROP"), replies };
}

function linesFor(keyed: KeyedRule, { sets }: Policy): Line[] {
    return renderRule(keyed, sets).map((rule) => ({ rule, why: "rule", key: keyed.key }));
}

function replyLines({ of: { key }, rule }: Reply, { sets }: Policy): Line[] {
    const rules = renderRule({ key, rule }, sets, `reply rule of ${key}`);
    return rules.map((each) => ({ rule: each, why: "reply", key }));
}

function defaultLines(direction: Direction, action: FirewallRule["action"]): Line[] {
    return PROTOCOLS.map((protocol) => ({
        rule: {
            direction: DIRECTIONS[direction],
            protocol,
            action,
            description: `default ${action.toLowerCase()}`,
            sources: [],
            destinations: [],
        },
        why: "default",
    }));
}
