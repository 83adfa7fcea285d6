import { lineEdits } from "../../model/lineEdits";
import type { RulesetDelta } from "../dialect";
import { isPartIdentifier, MARK_CHAIN, TABLE } from "./identifiers";

/** More changes than these cost what the whole ruleset does. */
const MOST_CHANGES = 10_000;

/**
 * What makes one rendered ruleset of another in the kernel, and back, where they differ by the mark and by elements of sets of one
 * length; undefined where they differ by more.
 */
export function deltaBetween(before: string, after: string): RulesetDelta | undefined {
    const [old, next] = [before.split("\n"), after.split("\n")];
    const edits: string[] = [];
    const forward: string[] = [];
    const back: string[] = [];
    let marks: readonly [string, string] | undefined;
    for (let i = 0, j = 0; i < old.length || j < next.length;) {
        const [a, b] = [old[i], next[j]];
        if (a === undefined || b === undefined) return undefined;
        if (a !== b) {
            if (marks || !isMark(a) || !isMark(b)) return undefined;
            marks = [a, b];
            edits.push(`d ${i + 1}`, `a ${i + 1} ${b}`);
        }
        const name = partName(a);
        i++;
        j++;
        if (name === undefined) continue;
        const [some, others] = [old.slice(i, endOf(old, i)), next.slice(j, endOf(next, j))];
        const edited = lineEdits(some, others, i);
        if (!edited || edits.length + edited.length > 2 * MOST_CHANGES) return undefined;
        edits.push(...edited);
        const changed = changesOf(some, others);
        i += some.length;
        j += others.length;
        forward.push(...commands(name, changed));
        back.push(...commands(name, { less: changed.more, more: changed.less }));
    }
    if (!marks) return undefined;
    const text = (lines: readonly string[], mark: string) => [...lines, ...markText(mark), ""].join("\n");
    return { forward: text(forward, marks[1]), back: text(back, marks[0]), edits: `${edits.join("\n")}\n` };
}

function isMark(line: string): boolean {
    return line.startsWith(`    chain ${MARK_CHAIN} { `);
}

function partName(line: string): string | undefined {
    const name = /^ {4}set (\S+) \{$/.exec(line)?.[1];
    return name !== undefined && isPartIdentifier(name) ? name : undefined;
}

function endOf(lines: readonly string[], from: number): number {
    const end = lines.indexOf("    }", from);
    return end < 0 ? lines.length : end;
}

interface Changes {
    readonly less: readonly string[];
    readonly more: readonly string[];
}

/** The elements of a set that go and come. */
function changesOf(old: readonly string[], next: readonly string[]): Changes {
    // As elements: the last of them stands on a line of another form.
    const [before, after] = [elementsOf(old), elementsOf(next)];
    return {
        less: [...before].filter((element) => !after.has(element)),
        more: [...after].filter((element) => !before.has(element)),
    };
}

function elementsOf(lines: readonly string[]): ReadonlySet<string> {
    const words = lines.flatMap((line) => /^\s+(?:elements = \{ )?([0-9a-f.:]+)(?:,| \})$/.exec(line)?.[1] ?? []);
    return new Set(words);
}

/** What goes before what comes. */
function commands(name: string, { less, more }: Changes): string[] {
    const command = (verb: string, elements: readonly string[]) =>
        elements.length === 0 ? [] : [`${verb} element inet ${TABLE} ${name} { ${elements.join(",\n    ")} }`];
    return [...command("delete", less), ...command("add", more)];
}

function markText(line: string): string[] {
    return [`flush chain inet ${TABLE} ${MARK_CHAIN}`, `table inet ${TABLE} {`, line, "    }", "}"];
}
