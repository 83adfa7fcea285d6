import { parseBoundedJson, UnboundedJson } from "../../../model/boundedJson";
import {
    type Chain,
    type ElementSet,
    type Hook,
    type Limit,
    limitOf,
    type Rule,
    type Ruleset,
    type Table,
} from "./ast";
import { UnreadableRuleset } from "../../unreadable";
import { withLimits } from "./namedLimits";
import { type Json, readElementList, readJsonRule, readRate, record, wordOf } from "./readJsonRule";

/**
 * Reads what `nft -j list` prints.
 *
 * @throws UnreadableRuleset
 */
export function readJson(json: string): Ruleset {
    const tables = new Map<string, Json>();
    const members = new Map<string, Members>();
    let isOld = false;
    for (const object of objectsOf(json)) {
        const [kind = "", value] = Object.entries(record(object))[0] ?? [];
        const it = record(value);
        if (kind === "metainfo") isOld = wordOf(it.version).startsWith("0.");
        const key = `${wordOf(it.family)} ${wordOf(kind === "table" ? it.name : it.table)}`;
        if (kind === "table") tables.set(key, it);
        else collect(membersOf(members, key), kind, it);
    }
    return { tables: [...tables].map(([key, table]) => readTable(table, membersOf(members, key), isOld)) };
}

function objectsOf(json: string): unknown[] {
    let parsed: unknown;
    try {
        parsed = parseBoundedJson(json);
    } catch (error) {
        throw new UnreadableRuleset(error instanceof UnboundedJson ? error.message : "it is not JSON");
    }
    const objects = record(parsed).nftables;
    if (!Array.isArray(objects)) throw new UnreadableRuleset("it has no list nftables");
    return objects;
}

/** What lies in a table; nft lists chains before sets or after them. */
interface Members {
    readonly chains: Map<string, Json>;
    readonly rules: Map<string, Rule[]>;
    readonly sets: Map<string, ElementSet>;
    readonly limits: Map<string, Limit>;
    /** What the comment of a set says of a limit for each of its elements. */
    readonly ofSources: Map<string, Limit>;
}

function membersOf(all: Map<string, Members>, key: string): Members {
    const members = all.get(key) ?? {
        chains: new Map(),
        rules: new Map(),
        sets: new Map(),
        limits: new Map(),
        ofSources: new Map(),
    };
    all.set(key, members);
    return members;
}

function collect({ chains, rules, sets, limits, ofSources }: Members, kind: string, it: Json): void {
    const name = wordOf(it.name);
    if (kind === "chain") {
        if (chains.has(name)) throw new UnreadableRuleset("it has a chain twice");
        chains.set(name, it);
    } else if (kind === "rule") {
        const chain = wordOf(it.chain);
        const before = rules.get(chain);
        const rule = readJsonRule(it.expr);
        if (before) before.push(rule);
        else rules.set(chain, [rule]);
    } else if (kind === "limit") {
        limits.set(name, limitOf(readRate(it)));
    } else if (kind === "set" || kind === "map") {
        if (sets.has(name)) throw new UnreadableRuleset("it has a set twice");
        const flags: readonly unknown[] = Array.isArray(it.flags) ? it.flags : [it.flags];
        const dynamic = flags.includes("dynamic") || flags.includes("timeout");
        sets.set(name, { elements: readElementList(it.elem, kind === "map"), dynamic });
        const limit = typeof it.comment === "string" ? /^(limit \d+\/\w+ burst \d+) packets$/.exec(it.comment) : null;
        if (limit) ofSources.set(name, { kind: "limit", name: `${limit[1]} per source`, over: false });
    }
}

/** nft 0.9.8 does not list within what limit a rule puts keys into a set; ours say it in the comment of the set. */
function readTable(table: Json, { chains, rules, sets, limits, ofSources }: Members, isOld: boolean): Table {
    const flags: readonly unknown[] = Array.isArray(table.flags) ? table.flags : [table.flags];
    return {
        family: wordOf(table.family),
        name: wordOf(table.name),
        dormant: flags.includes("dormant"),
        chains: [...chains].map(([name, chain]): Chain => {
            const hook = readHook(chain);
            const known = withLimits(rules.get(name) ?? [], limits, isOld ? ofSources : undefined);
            return { name, rules: known, ...(hook && { hook }) };
        }),
        sets,
    };
}

function readHook({ type, hook, prio, policy }: Json): Hook | undefined {
    if (hook === undefined) return undefined;
    if (typeof prio !== "number" || !Number.isFinite(prio)) throw new UnreadableRuleset("a chain has no priority");
    return { type: wordOf(type), hook: wordOf(hook), priority: prio, policy: wordOf(policy ?? "accept") };
}
