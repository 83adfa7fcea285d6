import { UnreadableListing } from "../unreadable";
import { parseBoundedJson, UnboundedJson } from "../../model/boundedJson";
import { TABLE } from "./identifiers";
import type { Expression, Item, Listing, NftChain, NftHook, NftRule, NftSet, Operand, Scalar } from "./listing";
import { parseFlagMatch, parseLimit, parseSourceLimit } from "./parseLimits";

/** The command whose output `parse` reads: with numbers for protocols, since their names are each host's own. */
export const listCommand = `nft -j -s -p list table inet ${TABLE}`;

/** The same as text, with the handles that the JSON has too. */
export const listTextCommand = `nft -a -s list table inet ${TABLE}`;

/** Chains, sets and rules: more than anybody writes, and what reading them costs grows faster than their number. */
const MOST_OBJECTS = 20_000;
/** nft knows some five. */
const MOST_FLAGS = 20;

/**
 * Reads the JSON of nft 0.9.8 and later, of our table or of a whole ruleset. Empty text is a host without our table.
 * Throws UnreadableListing.
 */
export function parse(json: string): Listing {
    if (json.trim() === "") return {};
    const objects = parseObjects(json);
    const version = objects.map(({ metainfo }) => record(metainfo).version).find((value) => typeof value === "string");
    const ours = objects.flatMap((object) =>
        Object.entries(object)
            .map(([kind, value]) => ({ kind, value: record(value) }))
            .filter(
                ({ kind, value }) => value.family === "inet" && (kind === "table" ? value.name : value.table) === TABLE,
            ),
    );
    const table = ours.find(({ kind }) => kind === "table")?.value;
    if (!table) return version === undefined ? {} : { version };
    if (ours.length > MOST_OBJECTS) throw new UnreadableListing(`our table holds more than ${MOST_OBJECTS} objects`);
    const of = (wanted: string) => ours.filter(({ kind }) => kind === wanted).map(({ value }) => value);
    const rulesOf = new Map<unknown, Json[]>();
    for (const rule of of("rule")) {
        const before = rulesOf.get(rule.chain);
        if (before) before.push(rule);
        else rulesOf.set(rule.chain, [rule]);
    }
    // Newer nft lists chains before sets, older ones after; rules always come in the order that decides.
    const chains = of("chain").map((chain): NftChain => {
        const hook = parseHook(chain);
        const rules = rulesOf.get(chain.name) ?? [];
        // Once: a host may list a chain again and again.
        rulesOf.delete(chain.name);
        return { name: text(chain.name), rules: rules.map(parseRule), ...(hook && { hook }) };
    });
    const limits = of("limit").flatMap((limit) => parseLimit(limit) ?? []);
    const known = ["table", "chain", "rule", "set"];
    const others = ours
        .filter(
            ({ kind, value }) =>
                !known.includes(kind) && !limits.some(({ name }) => kind === "limit" && name === value.name),
        )
        .map(({ kind, value }) => `${kind} ${text(value.name)}`);
    const names = new Set(chains.map(({ name }) => name));
    if (names.size < chains.length) throw new UnreadableListing("it has a chain twice");
    return {
        ...(version !== undefined && { version }),
        table: { chains, sets: of("set").map(parseSet), limits, others, flags: parseFlags(table.flags) },
    };
}

type Json = Record<string, unknown>;

function parseObjects(json: string): Json[] {
    let parsed: unknown;
    try {
        parsed = parseBoundedJson(json);
    } catch (error) {
        throw new UnreadableListing(error instanceof UnboundedJson ? error.message : "it is not JSON");
    }
    const objects = record(parsed).nftables;
    if (!Array.isArray(objects)) throw new UnreadableListing("it has no list nftables");
    return objects.map(record);
}

function parseFlags(flags: unknown): string[] {
    return [flags ?? []].flat().slice(0, MOST_FLAGS).map(text);
}

function parseHook(chain: Json): NftHook | undefined {
    if (chain.hook === undefined) return undefined;
    return {
        type: text(chain.type),
        hook: text(chain.hook),
        priority: typeof chain.prio === "number" ? chain.prio : Number.NaN,
        policy: text(chain.policy ?? "accept"),
    };
}

function parseSet(set: Json): NftSet {
    const elements = [set.elem ?? []].flat().map((element) => parseItem(withoutExtras(element)));
    return {
        name: text(set.name),
        type: typeof set.type === "string" ? set.type : JSON.stringify(set.type),
        ...(typeof set.comment === "string" && { comment: set.comment }),
        flags: parseFlags(set.flags),
        ...(typeof set.timeout === "number" && { timeout: set.timeout }),
        elements: elements.filter((item) => item !== undefined),
        strange: elements.includes(undefined),
    };
}

/** An element with a comment, counter or time-out stands inside `elem`. */
function withoutExtras(element: unknown): unknown {
    return record(element).elem === undefined ? element : record(record(element).elem).val;
}

function parseRule(rule: Json): NftRule {
    const expressions = Array.isArray(rule.expr) ? rule.expr : [];
    return {
        handle: typeof rule.handle === "number" ? rule.handle : 0,
        ...(typeof rule.comment === "string" && { comment: rule.comment }),
        expressions: expressions.flatMap((json) => bothPorts(json) ?? [parseExpression(json)]),
    };
}

/**
 * One source and one destination port of whatever protocol: nft compares both at once, and lists that as 32 bits of the
 * transport header.
 */
function bothPorts(json: unknown): Expression[] | undefined {
    const { left, op, right } = record(record(json).match);
    const { base, offset, len } = record(record(left).payload);
    if (op !== "==" || base !== "th" || offset !== 0 || len !== 32) return undefined;
    if (typeof right !== "number" || !Number.isInteger(right) || right < 0 || right > 0xffffffff) return undefined;
    const port = (field: string, value: number): Expression => {
        return { kind: "match", field, op: "==", right: { kind: "items", items: [{ kind: "value", value }] } };
    };
    return [port("th sport", right >>> 16), port("th dport", right & 0xffff)];
}

function parseExpression(json: unknown): Expression {
    const [[kind, value] = ["", undefined], ...more] = Object.entries(record(json));
    const unknown: Expression = { kind: "unknown", json };
    if (more.length > 0) return unknown;
    switch (kind) {
        case "counter":
            return { kind };
        case "accept":
        case "drop":
        case "return":
            return { kind: "verdict", verdict: kind };
        case "reject": {
            const { type, expr } = record(value);
            return {
                kind,
                ...(typeof type === "string" && { type }),
                ...((typeof expr === "string" || typeof expr === "number") && { code: expr }),
            };
        }
        case "limit":
            return typeof value === "string" ? { kind, name: value } : unknown;
        case "set":
            return parseSourceLimit(record(value)) ?? unknown;
        case "log": {
            const { prefix, ...others } = record(value);
            return typeof prefix === "string" && Object.keys(others).length === 0 ? { kind, prefix } : unknown;
        }
        case "match": {
            const { left, op, right } = record(value);
            const flags = parseFlagMatch(left, op, right);
            if (flags) return flags;
            const field = parseField(left);
            const operand = parseOperand(right);
            return field && operand ? { kind, field, op: text(op), right: operand } : unknown;
        }
        default:
            return unknown;
    }
}

/** `ip saddr`, `meta l4proto`, `ct state`, `ip saddr & 255.255.255.0`: the words of nft; undefined for anything with more to it. */
function parseField(left: unknown): string | undefined {
    const { "&": masked } = record(left);
    if (masked !== undefined) {
        const [field, mask] = Array.isArray(masked) && masked.length === 2 ? (masked as unknown[]) : [];
        const name = parseField(field);
        return name !== undefined && typeof mask === "string" ? `${name} & ${mask}` : undefined;
    }
    const { payload, meta, ct } = record(left);
    const { protocol, field } = record(payload);
    if (typeof protocol === "string" && typeof field === "string") return `${protocol} ${field}`;
    const { key, ...more } = record(meta ?? ct);
    if (typeof key !== "string" || Object.keys(more).length > 0) return undefined;
    return `${meta === undefined ? "ct" : "meta"} ${key}`;
}

function parseOperand(right: unknown): Operand | undefined {
    if (typeof right === "string" && right.startsWith("@")) return { kind: "set", name: right.slice(1) };
    const { set } = record(right);
    const list = set !== undefined ? [set].flat() : Array.isArray(right) ? right : [right];
    const items = list.map(parseItem).filter((item) => item !== undefined);
    return items.length === list.length ? { kind: "items", items } : undefined;
}

function parseItem(json: unknown): Item | undefined {
    if (isScalar(json)) return { kind: "value", value: json };
    const { range, prefix } = record(json);
    if (Array.isArray(range) && range.length === 2 && isScalar(range[0]) && isScalar(range[1]))
        return { kind: "range", first: range[0], last: range[1] };
    const { addr, len } = record(prefix);
    return typeof addr === "string" && typeof len === "number"
        ? { kind: "prefix", address: addr, length: len }
        : undefined;
}

function isScalar(json: unknown): json is Scalar {
    return typeof json === "string" || typeof json === "number";
}

function record(json: unknown): Json {
    return typeof json === "object" && json !== null && !Array.isArray(json) ? (json as Json) : {};
}

function text(json: unknown): string {
    return typeof json === "string" ? json : (JSON.stringify(json) ?? "");
}
