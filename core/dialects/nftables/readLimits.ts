import type { NftRate, NftSet, NftTable } from "./listing";
import { timeoutOf } from "./limits";

/** The rate that the comment of a set of sources says, for nft that does not list the rule's own. */
export function rateOfComment(comment: string | undefined): NftRate | undefined {
    const found = /^limit (\d{1,7})\/([a-z]+) burst (\d{1,5}) packets$/.exec(comment ?? "");
    return found ? { rate: Number(found[1]), per: found[2]!, burst: Number(found[3]) } : undefined;
}

/** Does the set forget a source exactly when it may send a whole burst again? */
export function isSourcesSet(set: NftSet, family: 4 | 6, rate: NftRate): boolean {
    const limit = rateOfComment(set.comment);
    return (
        set.type === `ipv${family}_addr` &&
        set.timeout === timeoutOf(rate as Parameters<typeof timeoutOf>[0]) &&
        limit?.rate === rate.rate &&
        limit.per === rate.per &&
        limit.burst === rate.burst
    );
}

/** The names of limits and of sets of sources that rules of the table refer to. */
export function usedLimits({ chains }: NftTable): ReadonlySet<string> {
    const expressions = chains.flatMap(({ rules }) => rules.flatMap(({ expressions }) => expressions));
    return new Set(
        expressions.flatMap((expression) => {
            if (expression.kind === "limit") return [expression.name];
            return expression.kind === "sources" ? [expression.set] : [];
        }),
    );
}
