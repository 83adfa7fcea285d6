import type { Limit, Log } from "../../model/rule";
import { parseLimit } from "../../model/ruleOptions";
import { distinct, identity } from "./distinct";
import { limitIdentifier, logLimitIdentifier, sourcesIdentifier } from "./identifiers";
import { defaultPrefix, LOG_LIMIT } from "./limits";
import type { NftTable } from "./listing";
import { isSourcesSet, rateOfComment } from "./readLimits";
import type { Clause } from "./readRule";

/** Where a rule of ours finds its limits: under names that follow from its key. */
export interface LimitsOf {
    readonly key: string;
    readonly table: NftTable;
}

/** The limit that all of these clauses share, if any; undefined where it is not the one that their key names. */
export function readLimit(live: readonly Clause[], limits: LimitsOf | undefined): { limit?: Limit } | undefined {
    const limiters = distinct(live.map(({ limiter }) => limiter ?? null));
    const [limiter] = limiters;
    if (limiters.every((each) => each === null)) return {};
    if (!limits || limiters.includes(null)) return undefined;
    const { key, table } = limits;
    const found = limiters.map((each) => {
        if (each!.kind === "all")
            return each!.name === limitIdentifier(key)
                ? table.limits.find(({ name }) => name === each!.name)
                : undefined;
        const set = table.sets.find(({ name }) => name === each!.set);
        if (!set || each!.set !== sourcesIdentifier(key, each!.family)) return undefined;
        const rate = each!.rate ?? rateOfComment(set.comment);
        return rate && isSourcesSet(set, each!.family, rate) ? rate : undefined;
    });
    const rates = distinct(found.map((rate) => rate && `${rate.rate}/${rate.per} burst ${rate.burst}`));
    const rate = rates[0] === undefined ? undefined : parseLimit(rates[0]);
    if (rates.length > 1 || !rate || "problem" in rate) return undefined;
    return { limit: { ...rate.value, perSource: limiter!.kind === "sources" } };
}

/** What is logged must match exactly what is decided, whatever the limit of that. */
export function readLog(
    logs: readonly Clause[],
    live: readonly Clause[],
    limits: LimitsOf | undefined,
): { log?: Log } | undefined {
    const [first] = logs;
    if (!first?.log) return {};
    if (!limits || logs.some(({ log }) => identity(log) !== identity(first.log))) return undefined;
    const { key, table } = limits;
    const isNever = live.length === 0 && logs.length === 1 && first.note;
    const rate = table.limits.find(({ name }) => name === first.log!.limit);
    if (rate?.name !== logLimitIdentifier(key) || identity({ ...rate, ...LOG_LIMIT }) !== identity(rate))
        return undefined;
    const matched = ({ action: _a, answer: _w, limiter: _l, log: _p, ...match }: Clause) => identity(match);
    const said = new Set(logs.map(matched));
    const decided = new Set(live.map(matched));
    if (
        !isNever &&
        (said.size !== logs.length || said.size !== decided.size || ![...said].every((each) => decided.has(each)))
    )
        return undefined;
    const { prefix } = first.log;
    return { log: prefix === defaultPrefix(key) ? {} : { prefix } };
}
