import type { Limit, Rule } from "./ast";

/** Limits of a table by their names: what `limit name "few"` means. */
export type NamedLimits = ReadonlyMap<string, Limit>;

/** What a rule says of a limit by its name, until the whole table is read. */
export function limitByName(name: string): Limit {
    return { kind: "limit", name: `${BY_NAME}${name}`, over: false };
}

const BY_NAME = "limit name ";

/**
 * The rules with what their limits mean. `ofSources` are limits of each element of a set, for an nft that lists that a rule
 * puts a key into the set, and not within what limit.
 */
export function withLimits(rules: readonly Rule[], limits: NamedLimits, ofSources: NamedLimits = new Map()): Rule[] {
    if (limits.size + ofSources.size === 0) return [...rules];
    return rules.map((rule) =>
        rule.map((statement) => {
            if (statement.kind === "limit" && statement.name.startsWith(BY_NAME))
                return limits.get(statement.name.slice(BY_NAME.length)) ?? statement;
            const limit = statement.kind === "update" && statement.limits.length === 0 && ofSources.get(statement.set);
            return limit ? { ...statement, limits: [limit] } : statement;
        }),
    );
}
