import type { Family } from "../../model/addresses";
import type { Mark } from "../dialect";
import type { Foreign } from "../foreign";
import { NOT_FILTERED } from "../forwarded";
import { isOurComment } from "../ruleComment";
import { changesInFamilies } from "./changesInFamilies";
import type { ListedChain, ListedTable, Listing } from "./listing";
import { FORWARD_CHAINS } from "./names";
import type { NumberedLine } from "./numberedLine";
import { mergeLines } from "./readEntries";
import { foreignWords } from "./readForeign";
import { type JumpReading, readJump } from "./readJump";
import { readLine } from "./readLine";
import { readMark } from "./readMark";

export interface ForwardReading {
    /** The families in which packets come to our chain for what is forwarded to containers. */
    readonly filtered: readonly Family[];
    /** Rules of others. What ours say is proved as a whole: each stands in the chain for what comes in too, where it is read. */
    readonly foreign: readonly Foreign[];
    /** What is missing or changed other than rules, in words. */
    readonly changes: readonly string[];
    /** Those of the families that have our chain. */
    readonly marks: readonly (Mark | undefined)[];
}

/** Reads our chains for what is forwarded to containers in both families, and how packets come to them. */
export function readForward(listing: Listing): ForwardReading {
    const halves = { 4: readHalf(listing[4].mangle, 4), 6: readHalf(listing[6].mangle, 6) };
    const filtered = ([4, 6] as const).filter((family) => halves[family]?.jump.complete);
    const foreignIn = (chain: string) =>
        mergeLines({ 4: foreignLines(listing, 4, chain), 6: foreignLines(listing, 6, chain) }).map((lines) =>
            foreignWords(lines, { chain }),
        );
    const before = mergeLines({ 4: halves[4]?.jump.before ?? [], 6: halves[6]?.jump.before ?? [] }).map((lines) =>
        foreignWords(lines, { chain: FORWARD_CHAINS.builtIn, beforeJump: true }),
    );
    const [ipv4, ipv6] = [halves[4], halves[6]].map((half): string[] => {
        if (!half?.jump.complete) return filtered.length > 0 ? [NOT_FILTERED] : [];
        return [...(half.mark ? [] : ["the mark is missing or altered"]), ...half.jump.changes];
    });
    return {
        filtered,
        foreign: [...before, ...foreignIn(FORWARD_CHAINS.own), ...foreignIn(FORWARD_CHAINS.containers)],
        changes: changesInFamilies(ipv4!, ipv6!),
        marks: [halves[4], halves[6]].flatMap((half) => (half ? [half.mark] : [])),
    };
}

interface Half {
    readonly mark: Mark | undefined;
    readonly jump: JumpReading;
}

function readHalf(table: ListedTable, family: Family): Half | undefined {
    const chain = table.get(FORWARD_CHAINS.own);
    if (!chain) return undefined;
    const mark = linesOf(chain, family).map(readMark).find(Boolean);
    return { mark, jump: readJump(table, FORWARD_CHAINS, family, "ingress") };
}

function foreignLines(listing: Listing, family: Family, name: string): NumberedLine[] {
    const chain = listing[family].mangle.get(name);
    if (!chain) return [];
    const places = foreignInForward(chain, family);
    return linesOf(chain, family).filter(({ position }) => places.has(position));
}

/** Where rules of others stand in one of our chains. */
export function foreignInForward(chain: ListedChain, family: Family): ReadonlySet<number> {
    const lines = linesOf(chain, family);
    const mark = lines.find((line) => readMark(line) !== undefined);
    const foreign = lines.filter((each) => each !== mark && !isOurComment(each.line.comment ?? ""));
    return new Set(foreign.map(({ position }) => position));
}

function linesOf({ rules }: ListedChain, family: Family): NumberedLine[] {
    // Of all that it says, only what every line has is asked for.
    return rules.map((text, position) => ({ text, position, line: readLine(text, family, "ingress") }));
}
