import type { Family } from "../../model/addresses";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { meaningOf } from "./line";
import { type Entry, type Merged, mergeFamilies } from "./mergeFamilies";
import type { NumberedLine } from "./numberedLine";
import type { Part } from "./readChain";
import { type OwnRule, unwrittenRules } from "./readOwnRules";

/** A rule of ours, or a line that is none of them. */
export type Stands =
    | ({ readonly kind: "own" } & KeyedRule)
    | { readonly kind: "foreign"; readonly line: NumberedLine; readonly reachable: boolean };

/** What stands in our chains of both families, in the one order that decides. */
export function mergeParts(
    parts: Readonly<Record<Family, readonly Part[]>>,
    own: ReadonlyMap<string, OwnRule>,
    direction: Direction,
    expected: Policy | undefined,
): ReturnType<typeof mergeFamilies<Stands>> {
    const ranks = new Map(expected?.rules.map(({ key }, index) => [key, index]));
    const rankOf = (key: string) => ranks.get(key) ?? FIRST;
    const keys = new Set([...parts[4], ...parts[6]].flatMap((part) => (part.kind === "rule" ? [part.said.key] : [])));
    const ipv4 = [...entriesOf(parts[4], own, rankOf)];
    for (const keyed of unwrittenRules(keys, direction, expected)) {
        const entry = ownEntry(keyed, rankOf);
        const next = ipv4.findIndex((other) => other.rank > entry.rank);
        ipv4.splice(next < 0 ? ipv4.length : next, 0, entry);
    }
    return mergeFamilies(ipv4, entriesOf(parts[6], own, rankOf));
}

/** Before anything whose place is known. */
const FIRST = -1;

function ownEntry({ key, rule }: KeyedRule, rankOf: (key: string) => number): Entry<Stands> {
    return { id: `rule ${key}`, own: true, rank: rankOf(key), value: { kind: "own", key, rule } };
}

function entriesOf(
    parts: readonly Part[],
    own: ReadonlyMap<string, OwnRule>,
    rankOf: (key: string) => number,
): Entry<Stands>[] {
    const stands = parts.flatMap((part): Stands[] => {
        if (part.kind === "foreign") return [part];
        const { key } = part.said;
        const found = own.get(key);
        if (found) return [{ kind: "own", key, rule: found.rule }];
        return part.lines.map((line) => ({ kind: "foreign", line, reachable: true }));
    });
    const idOf = openIds();
    return stands.map((value) => {
        if (value.kind === "own") return ownEntry(value, rankOf);
        const id = idOf(value.line, value.reachable ? "" : "no effect ");
        return { id, own: false, rank: FIRST, value };
    });
}

/** Lines of others alone. */
export function mergeLines(lines: Readonly<Record<Family, readonly NumberedLine[]>>): readonly Merged<NumberedLine>[] {
    const entries = (family: Family) => {
        const idOf = openIds();
        return lines[family].map((value) => ({ id: idOf(value, ""), own: false, rank: FIRST, value }));
    };
    return mergeFamilies(entries(4), entries(6)).merged;
}

/** The second of two that say the same has another id. */
function openIds(): (line: NumberedLine, prefix: string) => string {
    const counts = new Map<string, number>();
    return ({ text, line }, prefix) => {
        const said = prefix + (meaningOf(line) ?? text);
        const count = (counts.get(said) ?? 0) + 1;
        counts.set(said, count);
        return `${count} ${said}`;
    };
}
