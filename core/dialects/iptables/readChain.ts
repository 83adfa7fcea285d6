import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";
import type { Mark } from "../dialect";
import { readRuleComment, type RuleComment } from "../ruleComment";
import { type ListedChain, type ListedSets, NO_SETS } from "./listing";
import type { NumberedLine } from "./numberedLine";
import { readBase } from "./readBase";
import { readLine } from "./readLine";
import { readMark } from "./readMark";

/** Lines of one rule of ours, or a line that is none of ours or none any more. */
export type Part =
    | { readonly kind: "rule"; readonly said: RuleComment; readonly lines: readonly NumberedLine[] }
    | { readonly kind: "foreign"; readonly line: NumberedLine; readonly reachable: boolean };

export interface ChainReading {
    readonly mark?: Mark;
    /** What happens to a packet that no rule decides. */
    readonly action: "accept" | "drop";
    /** All but the mark, the base and the default, in their order. */
    readonly parts: readonly Part[];
    /** What is missing or changed other than rules, in words. */
    readonly changes: readonly string[];
}

/** Reads our chain for one direction in one family. */
export function readChain(
    chain: ListedChain,
    family: Family,
    direction: Direction,
    sets: ListedSets = NO_SETS,
): ChainReading {
    const lines = chain.rules.map((text, position): NumberedLine => ({
        text,
        position,
        line: readLine(text, family, direction, sets),
    }));
    const marked = lines.find((each) => readMark(each) !== undefined);
    const mark = marked && readMark(marked);
    const end = lines.findIndex((each) => defaultOf(each) !== undefined);
    const reachable = end < 0 ? lines.length : end;
    const firstOwn = lines.findIndex((each) => ruleOf(each) !== undefined);
    const base = readBase(lines.slice(0, firstOwn < 0 ? reachable : Math.min(firstOwn, reachable)), family, direction);
    const parts: Part[] = [];
    const seen = new Set<string>();
    for (let position = 0; position < lines.length;) {
        const first = lines[position]!;
        const said = position < reachable ? ruleOf(first) : undefined;
        if (first === marked || base.lines.has(first) || position === end) {
            position++;
        } else if (said && !seen.has(said.key)) {
            const group = groupAt(lines, position, reachable);
            seen.add(said.key);
            parts.push({ kind: "rule", said, lines: group });
            position += group.length;
        } else {
            parts.push({ kind: "foreign", line: first, reachable: position < reachable });
            position++;
        }
    }
    return {
        ...(mark && { mark }),
        action: (end < 0 ? undefined : defaultOf(lines[end]!)) ?? "accept",
        parts,
        changes: [...base.missing, ...(end < 0 ? [`${direction} default is missing`] : [])],
    };
}

/** The lines from `position` on with the same comment: together they are one rule of ours. */
function groupAt(lines: readonly NumberedLine[], position: number, reachable: number): NumberedLine[] {
    const { comment } = lines[position]!.line;
    let next = position + 1;
    while (next < reachable && lines[next]!.line.comment === comment) next++;
    return lines.slice(position, next);
}

function ruleOf({ line: { comment } }: NumberedLine): RuleComment | undefined {
    return comment === undefined ? undefined : readRuleComment(comment);
}

function defaultOf({ line: { comment, match, target } }: NumberedLine): "accept" | "drop" | undefined {
    if (!match || Object.keys(match).length > 0) return undefined;
    if (target?.kind === "drop" && comment === "default:drop") return "drop";
    return target?.kind === "return" && comment === "default:accept" ? "accept" : undefined;
}
