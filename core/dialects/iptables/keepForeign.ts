import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import { isOurComment } from "../ruleComment";
import { joinFamilies, splitFamilies } from "./families";
import type { ListedChain, ListedTables, Listing } from "./listing";
import { CHAINS, FORWARD_CHAINS } from "./names";
import { readChain } from "./readChain";
import { foreignInForward } from "./readForward";
import { readLine } from "./readLine";

/**
 * A rendered text with what others wrote into our chains, at its old places: behind the same lines of ours. Undefined where
 * they wrote nothing. Lines with a comment of ours (a base rule or a rule of a template that somebody changed) are left out:
 * the text itself restores those; so are lines that a file can't hold as one line of plain text.
 */
export function keepForeign(rendered: string, listing: Listing): string | undefined {
    const before = splitFamilies(rendered);
    const after = { 4: putBack(before[4], listing[4], 4), 6: putBack(before[6], listing[6], 6) };
    return after[4] === before[4] && after[6] === before[6]
        ? undefined
        : joinFamilies({ 4: withEnd(after[4]), 6: withEnd(after[6]) });
}

function withEnd(text: string): string {
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function putBack(text: string, { filter, mangle }: ListedTables, family: Family): string {
    const ofDirections = (["ingress", "egress"] as const).reduce((before, direction) => {
        const { own } = CHAINS[direction];
        const chain = filter.get(own);
        return chain ? putBackInChain(before, own, chain, foreignPlaces(chain, family, direction), family) : before;
    }, text);
    return [FORWARD_CHAINS.own, FORWARD_CHAINS.containers].reduce((before, own) => {
        const chain = mangle.get(own);
        return chain ? putBackInChain(before, own, chain, keptInForward(chain, family), family) : before;
    }, ofDirections);
}

function putBackInChain(
    text: string,
    own: string,
    chain: ListedChain,
    foreign: ReadonlySet<number>,
    family: Family,
): string {
    const begin = `-A ${own} `;
    const lines = text.split("\n");
    const first = lines.findIndex((line) => line.startsWith(begin));
    if (first < 0) return text;
    // The direction says nothing of a comment.
    const commentOf = (rule: string) => readLine(rule, family, "ingress").comment;
    const places = new Map<string, number[]>();
    lines.forEach((line, index) => {
        const comment = line.startsWith(begin) ? commentOf(line.slice(begin.length)) : undefined;
        if (comment !== undefined) addTo(places, comment, index);
    });

    const behind = new Map<number, string[]>();
    const passed = new Map<string, number>();
    let anchor = first - 1;
    chain.rules.forEach((rule, position) => {
        if (foreign.has(position)) {
            if (/^[\x20-\x7e]*$/.test(rule)) addTo(behind, anchor, begin + rule);
            return;
        }
        // Several lines can have one comment: the second of them stands behind the second.
        const comment = commentOf(rule) ?? "";
        const count = passed.get(comment) ?? 0;
        passed.set(comment, count + 1);
        anchor = places.get(comment)?.[count] ?? anchor;
    });
    return lines.flatMap((line, index) => [line, ...(behind.get(index) ?? [])]).join("\n");
}

function foreignPlaces(chain: ListedChain, family: Family, direction: Direction): ReadonlySet<number> {
    const places = readChain(chain, family, direction).parts.flatMap((part) => {
        if (part.kind === "rule") return [];
        const { comment = "" } = part.line.line;
        return isOurComment(comment) || isMark(comment) ? [] : [part.line.position];
    });
    return new Set(places);
}

function keptInForward(chain: ListedChain, family: Family): ReadonlySet<number> {
    const places = [...foreignInForward(chain, family)];
    const commentAt = (position: number) => readLine(chain.rules[position]!, family, "ingress").comment;
    return new Set(places.filter((position) => !isMark(commentAt(position) ?? "")));
}

function isMark(comment: string): boolean {
    return comment.startsWith("vpsfw1 ");
}

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
    const list = lists.get(key);
    if (list) list.push(value);
    else lists.set(key, [value]);
}
