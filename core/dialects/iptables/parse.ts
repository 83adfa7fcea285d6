import type { Family } from "../../model/addresses";
import { printable } from "../../model/diagnostics";
import { UnreadableListing } from "../unreadable";
import { hasBothFamilies, splitFamilies } from "./families";
import { type ListedChain, type ListedTables, type Listing, NO_SETS } from "./listing";
import { openSetReader } from "./parseSets";
import { wordsOf } from "./words";

/** More than any host has, and what reading them costs grows with their number. */
const MOST_RULES = 500_000;
/** A rule has a comment of 256 characters at most. */
const LONGEST = 16_384;

const NO_TABLES: ListedTables = { filter: new Map(), mangle: new Map(), sets: NO_SETS };

/**
 * Reads what the save programs print of our sets and of the tables that we may be in, each family behind its header. Empty text
 * is a host without our chains. Throws UnreadableListing.
 */
export function parse(listing: string): Listing {
    if (listing.trim() === "") return { 4: NO_TABLES, 6: NO_TABLES };
    if (!hasBothFamilies(listing)) throw new UnreadableListing("it has no part for each of IPv4 and IPv6");
    const texts = splitFamilies(listing);
    return { 4: parseFamily(texts[4], 4), 6: parseFamily(texts[6], 6) };
}

type Chains = Map<string, ListedChain & { readonly rules: string[] }>;

function parseFamily(text: string, family: Family): ListedTables {
    const tables = { filter: new Map() as Chains, mangle: new Map() as Chains };
    // Undefined outside of a table; false in one that is not ours to read.
    let open: keyof typeof tables | false | undefined;
    let count = 0;
    const fail = (problem: string): never => {
        throw new UnreadableListing(`IPv${family}: ${problem}`);
    };
    const sets = openSetReader(family, fail);
    for (const line of wholeLines(text)) {
        if (line.length > LONGEST) fail(`a line is longer than ${LONGEST} characters`);
        if (line === "" || line.startsWith("#")) {
            // iptables-nft says so of what nft wrote and it has no words for. No chain of ours can be in such a table.
            if (/^# Table `filter' is incompatible/.test(line)) fail("the table filter holds what only nft can list");
        } else if (line.startsWith("*")) {
            if (open !== undefined) fail("a table does not end");
            open = line === "*filter" ? "filter" : line === "*mangle" && "mangle";
            if (open && tables[open].size > 0) fail(`the table ${open} stands there twice`);
        } else if (open === undefined && /^(create|add) /.test(line)) {
            sets.read(line);
        } else if (open === undefined) {
            fail(`${JSON.stringify(printable(line, 40))} belongs to no table`);
        } else if (line === "COMMIT") {
            open = undefined;
        } else if (open) {
            if (++count > MOST_RULES) fail(`there are more than ${MOST_RULES} rules`);
            readLine(tables[open], line);
        }
    }
    if (open !== undefined) fail("the listing is cut off");
    return { ...tables, sets: sets.sets() };

    function readLine(chains: Chains, line: string): void {
        const [, name, policy] = /^:(\S+) (\S+)/.exec(line) ?? [];
        if (name !== undefined) {
            if (chains.has(name)) fail(`chain ${printable(name, 40)} stands there twice`);
            chains.set(name, { policy: policy!, rules: [] });
            return;
        }
        const [, chain = "", rule = ""] = /^(?:\[\d+:\d+\] )?-A (\S+)(?: ([^]*))?$/.exec(line) ?? [];
        const into = chains.get(chain) ?? fail(`${JSON.stringify(printable(line, 40))} is no rule of a chain`);
        if (wordsOf(rule) === undefined) fail("a quote does not end");
        // Some versions print a blank at the end.
        into.rules.push(rule.trimEnd());
    }
}

/** Lines, of which a comment may hold a break. */
function wholeLines(text: string): string[] {
    const lines: string[] = [];
    let inside = false;
    for (const line of text.split("\n")) {
        // What a line can't hold would only pile up here.
        if (inside && lines.at(-1)!.length <= LONGEST) lines.push(`${lines.pop()}\n${line}`);
        else lines.push(line);
        inside = isInsideQuote(line, inside);
    }
    return lines;
}

/** At the end of the line, by how it is at the beginning. */
function isInsideQuote(line: string, before: boolean): boolean {
    if (!line.includes('"') || (!before && line.startsWith("#"))) return before;
    let inside = before;
    for (let at = 0; at < line.length; at++) {
        if (line[at] === "\\" && inside) at++;
        else if (line[at] === '"') inside = !inside;
    }
    return inside;
}
