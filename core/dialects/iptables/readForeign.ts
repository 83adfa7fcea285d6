import { printable } from "../../model/diagnostics";
import type { Direction } from "../../model/rule";
import { type Foreign, foreignModelRule } from "../foreign";
import { foldForeign } from "./foldRule";
import { decides, type Line } from "./line";
import type { Merged } from "./mergeFamilies";
import type { NumberedLine } from "./numberedLine";

/** Lines of others: one, or one in each family that say the same. */
export type ForeignLines = Merged<NumberedLine>;

export interface ForeignReading {
    readonly item: Foreign;
    /** False where it may decide packets and could not be read in full. */
    readonly understood: boolean;
}

/** Where they stand, and why no packet comes to them, if that is so. */
export interface ForeignPlace {
    readonly chain: string;
    readonly beforeJump?: true;
    readonly noEffect?: string;
}

/** One item for lines of both families, if they are one rule of the model or none; else one for each. */
export function readForeign(lines: ForeignLines, direction: Direction, place: ForeignPlace): ForeignReading[] {
    const whole = foldLines(lines, direction);
    if (whole || !lines[4] || !lines[6]) return [readItem(lines, whole, place)];
    const singles = [{ 4: lines[4] }, { 6: lines[6] }].map((single) => ({
        single,
        rule: foldLines(single, direction),
    }));
    if (singles.every(({ rule }) => !rule)) return [readItem(lines, undefined, place)];
    return singles.map(({ single, rule }) => readItem(single, rule, place));
}

function foldLines(lines: ForeignLines, direction: Direction) {
    const of = (each: NumberedLine | undefined): Line[] => (each ? [each.line] : []);
    return foldForeign({ 4: of(lines[4]), 6: of(lines[6]) }, direction);
}

function readItem(lines: ForeignLines, rule: ReturnType<typeof foldLines>, place: ForeignPlace): ForeignReading {
    const { line, position } = lines[4] ?? lines[6]!;
    const { chain, beforeJump, noEffect } = place;
    if (rule) {
        const item = foreignModelRule(rule, { place: chain, position }, noEffect);
        return { item: beforeJump ? { ...item, line: `${item.line} (before our jump)` } : item, understood: true };
    }
    return { item: foreignWords(lines, place), understood: noEffect !== undefined || !decides(line) };
}

/** In the program's own words. */
export function foreignWords(lines: ForeignLines, { chain, beforeJump, noEffect }: ForeignPlace): Foreign {
    const line = lines[4] ?? lines[6]!;
    const words = printable(line.text, LONGEST) || "(counts)";
    const family = lines[4] && lines[6] ? [] : [lines[4] ? "IPv4" : "IPv6"];
    const reason = noEffect === undefined ? [] : [`no effect: ${noEffect}`];
    const note = (notes: readonly string[]) => (notes.length > 0 ? ` (${notes.join(", ")})` : "");
    return {
        place: chain,
        position: line.position,
        subject: `${printable(words, 100)}${note(family)}`,
        line: `${words}${note([...family, ...(beforeJump ? ["before our jump"] : []), ...reason])}`,
    };
}

const LONGEST = 300;
