import { TCP_FLAGS } from "../../model/tcpFlags";
import type { Expression, NftLimit, NftRate } from "./listing";

type Json = Readonly<Record<string, unknown>>;

/** A limit object of the table; undefined for one that is said in another way, such as in bytes. */
export function parseLimit({ family: _f, table: _t, handle: _h, name, ...limit }: Json): NftLimit | undefined {
    const rate = parseRate(limit);
    return rate && typeof name === "string" ? { name, ...rate } : undefined;
}

function parseRate({ rate, per, burst = 5, ...more }: Json): NftRate | undefined {
    if (typeof rate !== "number" || typeof per !== "string" || typeof burst !== "number") return undefined;
    return Object.keys(more).length === 0 ? { rate, per, burst } : undefined;
}

/** `update @sources { ip saddr limit rate 10/second }`: each source (IPv6: each /64) within a limit of its own. */
export function parseSourceLimit({ op, elem, set, stmt, ...more }: Json): Expression | undefined {
    const family = sourceFamily(elem);
    if (op !== "update" || family === undefined || typeof set !== "string" || Object.keys(more).length > 0)
        return undefined;
    const source = { kind: "sources", family, set: set.replace(/^@/, "") } as const;
    if (stmt === undefined) return source;
    const [statement, ...others] = [stmt].flat() as unknown[];
    const rate = parseRate(record(record(statement).limit));
    return rate && others.length === 0 ? { ...source, rate } : undefined;
}

function sourceFamily(elem: unknown): 4 | 6 | undefined {
    const masked = record(elem)["&"];
    const [key, mask] = Array.isArray(masked) ? (masked as unknown[]) : [elem, undefined];
    const { protocol, field } = record(record(key).payload);
    if (field !== "saddr") return undefined;
    if (protocol === "ip" && mask === undefined) return 4;
    return protocol === "ip6" && mask === "ffff:ffff:ffff:ffff::" ? 6 : undefined;
}

/** A match of TCP's flags, in the forms of all versions. */
export function parseFlagMatch(left: unknown, op: unknown, right: unknown): Expression | undefined {
    const masked = record(left)["&"];
    if (Array.isArray(masked) && isFlags(masked[0]) && (op === "==" || op === "!=")) {
        const [mask, value] = [flagBits(masked[1]), flagBits(right)];
        return mask === undefined || value === undefined
            ? undefined
            : { kind: "flags", mask, value, negated: op === "!=" };
    }
    // `tcp flags ! fin,syn`: none of them.
    const mask = isFlags(left) && op === "!" ? flagBits(right) : undefined;
    return mask === undefined ? undefined : { kind: "flags", mask, value: 0, negated: false };
}

function isFlags(json: unknown): boolean {
    const { protocol, field } = record(record(json).payload);
    return protocol === "tcp" && field === "flags";
}

/** A number, a name, a list of names, or names with `|` between them, nested by some versions. */
function flagBits(json: unknown): number | undefined {
    if (typeof json === "number") return Number.isInteger(json) && json >= 0 && json <= 255 ? json : undefined;
    if (typeof json === "string") return Object.hasOwn(TCP_FLAGS, json) ? TCP_FLAGS[json as "syn"] : undefined;
    const items = Array.isArray(json) ? (json as unknown[]) : record(json)["|"];
    if (!Array.isArray(items)) return undefined;
    return items.reduce<number | undefined>((bits, item) => {
        const more = flagBits(item);
        return bits === undefined || more === undefined ? undefined : bits | more;
    }, 0);
}

function record(json: unknown): Json {
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Json) : {};
}
