import type { Family } from "../../model/addresses";
import type { KeyedRule, NamedSet } from "../../model/policy";
import { CannotExpress } from "../dialect";
import { ipSetName, type SetFor } from "./ipsets";
import { type Line, meaningOf } from "./line";
import type { ListedSets } from "./listing";
import { readLine } from "./readLine";
import { renderRule } from "./renderRule";

/** Lines of both families. */
export type FamilyLines = Readonly<Record<Family, readonly Line[]>>;

/**
 * Are these exactly the lines that a rule is rendered as, whatever their comments? Those that decide may stand in any order,
 * since they all decide the same, but behind those that log.
 */
export function isWrittenAs(lines: FamilyLines, keyed: KeyedRule, sets: readonly NamedSet[]): boolean {
    try {
        return ([4, 6] as const).every((family) => {
            const { setFor, listed } = setsNamedBy(lines[family]);
            const rendered = renderRule(keyed, family, sets, setFor);
            if (rendered.length !== lines[family].length || !logsFirst(lines[family])) return false;
            const texts = rendered.map(({ match, target }) => `${match} ${target}`.trim());
            return haveSameMeanings(
                texts.map((text) => readLine(text, family, keyed.rule.direction, listed)),
                lines[family],
            );
        });
    } catch (error) {
        if (error instanceof CannotExpress) return false;
        throw error;
    }
}

/** A rule may have its lists in sets or written out: where the lines name a set that holds just a list, it is that. */
function setsNamedBy(lines: readonly Line[]): { readonly setFor: SetFor; readonly listed: ListedSets } {
    const ends = lines.flatMap(({ match }) => [match?.source, match?.destination]);
    const listed = new Map(ends.flatMap((end) => (end?.set ? [[end.set, { set: end.set, ranges: end.ranges }]] : [])));
    return {
        listed,
        setFor(family, ranges) {
            if (listed.size === 0) return undefined;
            const name = ipSetName(family, ranges);
            return listed.has(name) ? name : undefined;
        },
    };
}

function logsFirst(lines: readonly Line[]): boolean {
    const logs = lines.filter(({ target }) => target?.kind === "log").length;
    return lines.slice(0, logs).every(({ target }) => target?.kind === "log");
}

function haveSameMeanings(some: readonly Line[], others: readonly Line[]): boolean {
    const meanings = (lines: readonly Line[]) => lines.map((line) => meaningOf(line) ?? "").sort();
    const [first, second] = [meanings(some), meanings(others)];
    return first.every((meaning, index) => meaning !== "" && meaning === second[index]);
}
