import type { Diagram, Diagrams } from "./diagram";
import { and, butNot, orElse } from "./operations";
import { LEVEL } from "./packetFields";
import type { UnknownValues } from "./policyDiagram";
import type { UnknownPart, Unknowns } from "./ruleMatch";

/** Packets whose `parts` have values that are not known yet. */
export interface UnknownPackets {
    readonly parts: readonly UnknownPart[];
    /** Of the known parts, and whatever of the others. */
    readonly diagram: Diagram;
}

/** What gets through, taken apart by what is known of it. */
export interface Apart {
    /** Packets of which every value is known. */
    readonly known: Diagram;
    /** Of these, the ones that don't if a part of them turns out to have a value that is not known yet. */
    readonly lost: readonly UnknownPackets[];
    /** What else gets through if it does. */
    readonly gained: readonly UnknownPackets[];
}

/**
 * Takes `diagram` (1: gets through) apart. Whatever the values turn out to be: `known` without `lost` gets through, and
 * nothing beyond `known` and `gained` does. A packet that a rule decides by its unknown values is decided so too when it
 * has no value of other rules, since these can then only match less; so each rule is looked at by itself. Exceptions are
 * the other way about: with such a value a rule matches less. So those of drops are tried along with each rule for what may
 * get through besides, and those of accepts for what may not.
 */
export function takeApart(diagrams: Diagrams, diagram: Diagram, { unknowns, exceptions }: UnknownValues): Apart {
    const { closing, opening } = exceptions;
    // As most are: all of it is known.
    if (unknowns.length === 0 && closing.size + opening.size === 0) return { known: diagram, lost: [], gained: [] };
    const allOf = (open: Unknowns) => [...open.values()].flat();
    const levels = [...new Set([...unknowns, closing, opening].flatMap(allOf))];
    const when = (ones: readonly number[]) =>
        diagrams.restrict(diagram, new Map(levels.map((level) => [level, ones.includes(level) ? 1 : 0])));
    const whenAll = (parts: readonly UnknownPart[], open: Unknowns) => when(parts.flatMap((part) => open.get(part)!));
    const without = (left: Diagram, others: readonly Diagram[]) =>
        others.reduce((some, other) => diagrams.combine(butNot, some, other), left);
    const known = when([]);
    const lost: UnknownPackets[] = [];
    const gained: UnknownPackets[] = [];
    const gain = (parts: readonly UnknownPart[], more: Diagram) => {
        const free = new Set(parts.flatMap(levelsOf));
        if (more !== 0) gained.push({ parts, diagram: diagrams.exists(more, free) });
    };
    for (const open of unknowns)
        for (const parts of combinationsOf([...open.keys()])) {
            const found = whenAll(parts, open);
            // What fewer parts explain is said with these.
            const fewer = combinationsOf(parts).filter((some) => some.length < parts.length);
            gain(parts, without(found, [known, ...fewer.map((some) => whenAll(some, open))]));
            const less = fewer.reduce(
                (left, some) => diagrams.combine(and, left, whenAll(some, open)),
                diagrams.combine(butNot, known, found),
            );
            if (less !== 0) lost.push({ parts, diagram: less });
        }
    if (opening.size > 0)
        for (const open of [new Map<UnknownPart, number[]>(), ...unknowns])
            for (const parts of [[], ...combinationsOf([...open.keys()])]) {
                const found = when([...parts.flatMap((part) => open.get(part)!), ...allOf(opening)]);
                gain([...new Set([...parts, ...opening.keys()])], without(found, [known, whenAll(parts, open)]));
            }
    if (closing.size > 0)
        for (const open of [new Map<UnknownPart, number[]>(), ...unknowns])
            for (const parts of [[], ...combinationsOf([...open.keys()])]) {
                const whenClosed = (some: readonly UnknownPart[]) =>
                    when([...some.flatMap((part) => open.get(part)!), ...allOf(closing)]);
                const fewer = parts.length === 0 ? [] : [whenAll(parts, open), whenClosed([])];
                const less = fewer.reduce(
                    (left, some) => diagrams.combine(and, left, some),
                    diagrams.combine(butNot, known, whenClosed(parts)),
                );
                if (less !== 0) lost.push({ parts: [...new Set([...parts, ...closing.keys()])], diagram: less });
            }
    return { known, lost, gained: joined(diagrams, gained) };
}

const words = (first: number) => [first, first + 1, first + 2, first + 3];
const LEVELS: Readonly<Partial<Record<UnknownPart, readonly number[]>>> = {
    own: words(LEVEL.own),
    far: words(LEVEL.far),
    "source port": [LEVEL.sourcePort],
    "destination port": [LEVEL.destinationPort],
};

/** The fields of a packet at a part; a limit has none. */
function levelsOf(part: UnknownPart): readonly number[] {
    return LEVELS[part] ?? [];
}

/** Every choice of one or more, the smaller ones first. */
function combinationsOf<Item>(items: readonly Item[]): Item[][] {
    const all = items.reduce<Item[][]>((some, item) => [...some, ...some.map((each) => [...each, item])], [[]]);
    return all.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
}

/** The same parts once. */
function joined(diagrams: Diagrams, list: readonly UnknownPackets[]): UnknownPackets[] {
    const byParts = new Map<string, UnknownPackets>();
    for (const each of list) {
        const key = each.parts.join();
        const before = byParts.get(key);
        byParts.set(key, before ? { ...each, diagram: diagrams.combine(orElse, before.diagram, each.diagram) } : each);
    }
    return [...byParts.values()];
}
