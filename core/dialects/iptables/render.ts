import type { Family } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { notKnownYet } from "../../model/storedPolicy";
import { ruleComment } from "../ruleComment";
import { ACCEPT, CHAINS } from "./names";
import { renderBase } from "./renderBase";
import { renderRule } from "./renderRule";

/** How often each built-in chain jumps to ours already. */
export type Jumps = Readonly<Record<Direction, number>>;

/** What `iptables-restore --noflush` and `ip6tables-restore --noflush` are to load: one transaction for each family. */
export type Restores = Readonly<Record<Family, string>>;

/**
 * The input that replaces our chains by this policy, and has each built-in chain jump to ours once, at its first place. Rules
 * of others and the policies of the built-in chains are left as they are. `mark` is a comment of a rule that does nothing.
 *
 * Throws where the policy is not in normal form or not fully known: that is a mistake of the caller, not of a user.
 *
 * @throws CannotExpress
 */
export function render(policy: Policy, mark: string, jumps: Readonly<Record<Family, Jumps>>): Restores {
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet, so the policy can't be rendered`);
    return { 4: renderFamily(4, policy, mark, jumps[4]), 6: renderFamily(6, policy, mark, jumps[6]) };
}

function renderFamily(family: Family, policy: Policy, mark: string, jumps: Jumps): string {
    const directions = (["ingress", "egress"] as const).filter((direction) => isFiltered(policy, direction));
    // A chain that is declared is emptied, so what is left over of a direction that is not filtered any more says nothing.
    const declared = (["ingress", "egress"] as const).filter((each) => directions.includes(each) || jumps[each] > 0);
    return [
        "*filter",
        ...declared.map((direction) => `:${CHAINS[direction].own} - [0:0]`),
        ...declared.flatMap((direction) => removedJumps(direction, jumps)),
        ...directions.flatMap((direction) => renderChain(family, policy, direction, mark)),
        ...directions.map((direction) => `-I ${CHAINS[direction].builtIn} 1 -j ${CHAINS[direction].own}`),
        "COMMIT",
        "",
    ].join("\n");
}

/** What leaves is not touched unless somebody asks for it. */
function isFiltered({ rules, defaults }: Policy, direction: Direction): boolean {
    return (
        direction === "ingress" || defaults.egress === "drop" || rules.some(({ rule }) => rule.direction === "egress")
    );
}

/** As many as there are: removing one that is not there fails the whole file. */
function removedJumps(direction: Direction, jumps: Jumps): string[] {
    const { own, builtIn } = CHAINS[direction];
    return Array.from({ length: jumps[direction] }, () => `-D ${builtIn} -j ${own}`);
}

function renderChain(family: Family, { rules, sets, defaults }: Policy, direction: Direction, mark: string): string[] {
    const { own } = CHAINS[direction];
    const action = defaults[direction];
    const comment = (text: string) => `-m comment --comment "${text}"`;
    const lines = [
        [comment(mark)],
        ...renderBase(family, direction).map(({ match, name }) => [match, comment(`base:${name}`), `-j ${ACCEPT}`]),
        ...rules
            .filter(({ rule }) => rule.direction === direction)
            .flatMap((keyed) =>
                renderRule(keyed, family, sets).map(({ match, target }) => [
                    match,
                    comment(ruleComment(keyed)),
                    target,
                ]),
            ),
        [comment(`default:${action}`), `-j ${action === "accept" ? ACCEPT : "DROP"}`],
    ];
    return lines.map((words) => [`-A ${own}`, ...words].filter(Boolean).join(" "));
}
