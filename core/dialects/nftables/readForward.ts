import { describe } from "./describe";
import { type Foreign, foreignRule } from "../foreign";
import { isOurComment } from "../ruleComment";
import { FORWARD_CHAINS, isLayoutIdentifier } from "./identifiers";
import type { NftTable } from "./listing";

/** The chains for what is forwarded to containers, where they are ours: others may have chains of these names. */
export function forwardChains(table: NftTable): readonly string[] {
    const isThere = table.chains.some(
        ({ name, rules }) =>
            name === FORWARD_CHAINS.containers && rules.some(({ comment }) => comment === "base:containers"),
    );
    return isThere ? Object.values(FORWARD_CHAINS) : [];
}

/** The chains that maps of rules laid out lead to. */
export function layoutChains(table: NftTable): readonly string[] {
    return table.chains.filter(({ name, hook }) => !hook && isLayoutIdentifier(name)).map(({ name }) => name);
}

/** Rules of others in chains of which ours are proved as a whole. */
export function foreignInChains(table: NftTable, names: readonly string[]): Foreign[] {
    return table.chains
        .filter(({ name }) => names.includes(name))
        .flatMap(({ name, rules }) =>
            rules.flatMap((rule, position) =>
                isOurComment(rule.comment ?? "") ? [] : [foreignRule(describe(rule), name, position, rule.handle)],
            ),
        );
}
