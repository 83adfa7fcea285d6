import {
    type Chain,
    type ElementSet,
    type Hook,
    type Limit,
    limitOf,
    type Ruleset,
    type Rule,
    type Table,
} from "./ast";
import { UnreadableRuleset } from "../../unreadable";
import { withLimits } from "./namedLimits";
import { readRate, readTextRule } from "./readTextRule";
import { readBlock } from "./readTextValue";
import { plain, skipBlock, skipLines, tokensOf, type Tokens } from "./tokens";

interface OpenTable {
    readonly family: string;
    readonly name: string;
    dormant: boolean;
    readonly chains: Map<string, { name: string; hook?: Hook; readonly rules: Rule[] }>;
    readonly sets: Map<string, ElementSet>;
    readonly limits: Map<string, Limit>;
}

type Tables = Map<string, OpenTable>;

/**
 * Reads the text of nft: what `nft -f` loads into a host without rules, or what `nft list` prints. It refuses what it
 * would have to run (`include`, `define`) and commands that change what stands there already, but for whole tables.
 *
 * @throws UnreadableRuleset
 */
export function readText(text: string): Ruleset {
    const tokens = tokensOf(text);
    const tables: Tables = new Map();
    for (skipLines(tokens); tokens.peek() !== ""; skipLines(tokens)) readCommand(tokens, tables);
    return { tables: [...tables.values()].map(closeTable) };
}

function closeTable({ family, name, dormant, chains, sets, limits }: OpenTable): Table {
    const known = [...chains.values()].map((chain): Chain => ({ ...chain, rules: withLimits(chain.rules, limits) }));
    return { family, name, dormant, chains: known, sets };
}

function readCommand(tokens: Tokens, tables: Tables): void {
    const command = tokens.next();
    if (command === "table") {
        const table = openTable(tables, readTableName(tokens));
        if (tokens.take("{")) readTable(tokens, table);
        return;
    }
    const what = tokens.next();
    if (command === "flush" && what === "ruleset") return tables.clear();
    if (what === "table") {
        const name = readTableName(tokens);
        if (command === "delete" || command === "destroy") tables.delete(name.join(" "));
        else if (command === "add" || command === "create") openTable(tables, name);
        else if (command === "flush") openTable(tables, name).chains.forEach(({ rules }) => rules.splice(0));
        else tokens.fail(`it says ${quote(command)}, which is not understood`);
        return;
    }
    if (command === "add" && (what === "rule" || what === "element")) {
        const table = openTable(tables, readTableName(tokens));
        const name = plain(tokens.next());
        if (what === "element") addElements(table, name, readBlock(tokens));
        else openChain(table, name).rules.push(readTextRule(tokens));
        return;
    }
    tokens.fail(`it says ${quote(`${command} ${what}`)}, which is not understood`);
}

/** In a message to a user. */
function quote(word: string): string {
    return JSON.stringify(word.slice(0, 40));
}

/** A table without a family is one of `ip`. */
function readTableName(tokens: Tokens): [family: string, name: string] {
    const first = plain(tokens.next());
    const families = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];
    return families.includes(first) ? [first, plain(tokens.next())] : ["ip", first];
}

function openTable(tables: Tables, [family, name]: readonly [string, string]): OpenTable {
    const key = `${family} ${name}`;
    const table = tables.get(key) ?? {
        family,
        name,
        dormant: false,
        chains: new Map(),
        sets: new Map(),
        limits: new Map(),
    };
    tables.set(key, table);
    return table;
}

function readTable(tokens: Tokens, table: OpenTable): void {
    for (skipLines(tokens); !tokens.take("}"); skipLines(tokens)) {
        const word = tokens.next();
        if (word === "") tokens.fail("a table is not closed");
        if (word === "chain") readChain(tokens, table);
        else if (word === "set" || word === "map") readSet(tokens, table);
        else if (word === "limit") readLimitObject(tokens, table);
        else if (word === "flags") table.dormant = readFlags(tokens).includes("dormant");
        else if (word === "comment") tokens.next();
        else skipObject(tokens);
    }
}

/** `limit few { rate 10/second burst 20 packets }` */
function readLimitObject(tokens: Tokens, { limits }: OpenTable): void {
    const name = plain(tokens.next());
    tokens.expect("{");
    for (skipLines(tokens); !tokens.take("}"); skipLines(tokens)) {
        if (tokens.peek() === "") tokens.fail("a limit is not closed");
        if (tokens.peek() === "rate") limits.set(name, limitOf(readRate(tokens)));
        else while (!["\n", ";", "}", ""].includes(tokens.peek())) tokens.next();
    }
}

/** Counters, quotas and the like decide nothing by themselves. */
function skipObject(tokens: Tokens): void {
    while (!["{", "\n", ";", "}", ""].includes(tokens.peek())) tokens.next();
    if (tokens.take("{")) skipBlock(tokens);
}

function readFlags(tokens: Tokens): string[] {
    const flags = [tokens.next()];
    while (tokens.take(",")) flags.push(tokens.next());
    return flags;
}

function openChain({ chains }: OpenTable, name: string) {
    const chain = chains.get(name) ?? { name, rules: [] };
    chains.set(name, chain);
    return chain;
}

function readChain(tokens: Tokens, table: OpenTable): void {
    const chain = openChain(table, plain(tokens.next()));
    tokens.expect("{");
    for (skipLines(tokens); !tokens.take("}"); skipLines(tokens)) {
        if (tokens.peek() === "") tokens.fail("a chain is not closed");
        if (tokens.take("type")) chain.hook = { ...readHook(tokens), policy: "accept" };
        else if (tokens.take("policy")) {
            const policy = tokens.next();
            if (chain.hook) chain.hook = { ...chain.hook, policy };
        } else if (tokens.take("comment")) tokens.next();
        else chain.rules.push(readTextRule(tokens));
    }
}

const PRIORITIES: Record<string, number> = {
    raw: -300,
    mangle: -150,
    dstnat: -100,
    filter: 0,
    security: 50,
    srcnat: 100,
};

/** Behind `type`: `filter hook input priority filter - 10`. */
function readHook(tokens: Tokens): Omit<Hook, "policy"> {
    const type = tokens.next();
    tokens.expect("hook");
    const hook = tokens.next();
    if (tokens.take("device")) tokens.next();
    tokens.expect("priority");
    const word = tokens.next();
    let priority = Object.hasOwn(PRIORITIES, word) ? PRIORITIES[word]! : Number(word);
    if (tokens.take("+")) priority += Number(tokens.next());
    else if (tokens.take("-")) priority -= Number(tokens.next());
    if (!Number.isInteger(priority)) tokens.fail(`${quote(word)} is no priority`);
    return { type, hook, priority };
}

function readSet(tokens: Tokens, table: OpenTable): void {
    const name = plain(tokens.next());
    table.sets.set(name, { elements: [], dynamic: false });
    tokens.expect("{");
    for (skipLines(tokens); !tokens.take("}"); skipLines(tokens)) {
        const word = tokens.next();
        if (word === "") tokens.fail("a set is not closed");
        if (word === "elements") {
            tokens.expect("=");
            addElements(table, name, readBlock(tokens));
        } else if (word === "flags" && /dynamic|timeout/.test(readFlags(tokens).join()))
            addElements(table, name, [], true);
        else while (!["\n", ";", "}", ""].includes(tokens.peek())) tokens.next();
    }
}

function addElements({ sets }: OpenTable, name: string, more: ElementSet["elements"], dynamic = false): void {
    const set = sets.get(name);
    if (!set) throw new UnreadableRuleset(`there is no set ${quote(name)}`);
    sets.set(name, {
        elements: set.elements.length > 0 ? [...set.elements, ...more] : more,
        dynamic: set.dynamic || dynamic,
    });
}
