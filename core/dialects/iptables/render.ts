import type { Family } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { notKnownYet } from "../../model/storedPolicy";
import { ruleComment } from "../ruleComment";
import type { Texts } from "./families";
import { appended } from "./appended";
import { openIpSets, renderIpSet, type SetFor, WRITTEN_OUT } from "./ipsets";
import { CHAINS, JUMPS } from "./names";
import { renderBase } from "./renderBase";
import { renderForward } from "./renderForward";
import { renderRule } from "./renderRule";

/** How it is written. */
export interface Form {
    /** Long lists of addresses are sets of ipset; a host without that has them written out in rules. */
    readonly ipset: boolean;
    /** Lists of more ranges are long. */
    readonly mostWrittenOut?: number;
}

/**
 * What `iptables-restore --noflush` and `ip6tables-restore --noflush` are to load, one transaction for each family and table:
 * replaces our chains by this policy, and has each built-in chain jump to ours at its first place; the table `mangle` is only
 * there where what is forwarded to containers is decided too. Rules of others and the policies of the built-in chains are left
 * as they are. `mark` is a comment of a rule that does nothing. In front of it stands what `ipset restore` is to read before.
 *
 * Jumps that are there already, and a chain of ours that is not needed any more, are removed by whoever loads it (on a host:
 * host/iptables.sh): a restore fails where it removes a jump that is not there, so that only the moment of the load knows.
 *
 * Throws where the policy is not in normal form or not fully known: that is a mistake of the caller, not of a user.
 *
 * @throws CannotExpress
 */
export function renderFamilies(policy: Policy, mark: string, form: Form = { ipset: true }): Texts {
    const open = notKnownYet(policy);
    if (open !== undefined) throw new Error(`${open} is not known yet, so the policy can't be rendered`);
    return { 4: renderFamily(4, policy, mark, form), 6: renderFamily(6, policy, mark, form) };
}

function renderFamily(family: Family, policy: Policy, mark: string, { ipset, mostWrittenOut }: Form): string {
    const { setFor, sets } = ipset ? openIpSets(mostWrittenOut) : { setFor: WRITTEN_OUT, sets: () => [] };
    const filter = renderFilter(family, policy, mark, setFor);
    const mangle = policy.forward ? renderForward(family, policy, mark, setFor) : "";
    return [...sets().flatMap(renderIpSet), filter + mangle].join("\n");
}

function renderFilter(family: Family, policy: Policy, mark: string, setFor: SetFor): string {
    const directions = (["ingress", "egress"] as const).filter((direction) => isFiltered(policy, direction));
    return [
        "*filter",
        ...directions.map((direction) => `:${CHAINS[direction].own} - [0:0]`),
        ...directions.flatMap((direction) => renderChain(family, policy, direction, mark, setFor)),
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

function renderChain(
    family: Family,
    { rules, sets, defaults }: Policy,
    direction: Direction,
    mark: string,
    setFor: SetFor,
): string[] {
    const { own } = CHAINS[direction];
    return [
        appended(own, "", mark),
        ...renderBase(family, direction).map(({ match, name }) => appended(own, match, `base:${name}`, JUMPS.accept)),
        ...rules
            .filter(({ rule }) => rule.direction === direction)
            .flatMap((keyed) =>
                renderRule(keyed, family, sets, setFor).map(({ match, target }) =>
                    appended(own, match, ruleComment(keyed), target),
                ),
            ),
        appended(own, "", `default:${defaults[direction]}`, JUMPS[defaults[direction]]),
    ];
}
