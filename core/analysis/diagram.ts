import { openPairMemo, type PairMemo } from "./pairMemo";

/**
 * Interval decision diagrams: functions from packets to small numbers, as shared nodes. A node asks one field (a level) and
 * has a child for each interval of its values; levels grow from top to bottom. Equal functions are the same number, so
 * comparing two of them is `===`.
 *
 * Cost of an operation: at most the product of the sizes of what goes in; in practice the size of what comes out.
 */
export interface Diagrams {
    /** The diagram that asks `level` and goes on by interval: `tops[i]` is the last value that leads to `kids[i]`. */
    node(level: number, tops: readonly number[], kids: readonly Diagram[]): Diagram;
    /** The level that a diagram asks first; `Infinity` for a terminal. */
    levelOf(diagram: Diagram): number;
    /** The intervals of the diagram at `level`, all values in order; one if it does not ask that level first. */
    pieces(diagram: Diagram, level: number): Piece[];
    /** Applies `operation` to two functions, packet by packet. */
    combine(operation: Operation, a: Diagram, b: Diagram): Diagram;
    /** Is there a packet for which two functions give what is asked for? Looks no further than the first. */
    some(question: Question, a: Diagram, b: Diagram): boolean;
    /** Each terminal replaced; equal terminals are replaced alike. */
    map(diagram: Diagram, replace: (terminal: number) => number): Diagram;
    /** The diagram where the fields of some levels are known. */
    restrict(diagram: Diagram, values: ReadonlyMap<number, number>): Diagram;
    /** 1 wherever some values of these levels lead to 1. Terminals are 0 and 1. */
    exists(diagram: Diagram, levels: ReadonlySet<number>): Diagram;
    /** The same for all levels from `level` down. */
    upTo(diagram: Diagram, level: number): Diagram;
    /** The same for all levels above `level`. */
    from(diagram: Diagram, level: number): Diagram;
    /** The terminals that a diagram leads to. */
    terminals(diagram: Diagram): ReadonlySet<number>;
    /** Where one value of a level leads; the diagram itself if it does not ask that level first. */
    kidAt(diagram: Diagram, level: number, value: number): Diagram;
    /** Counts work that is done with diagrams by others towards what is allowed. */
    spend(steps: number): void;
}

/** A terminal (below `FIRST_NODE`: its own value) or a node. */
export type Diagram = number;

export interface Piece {
    readonly first: number;
    readonly last: number;
    readonly kid: Diagram;
}

/** What two functions give together; undefined where it takes a look at their children. For two terminals it must say. */
export type Operation = (a: Diagram, b: Diagram) => Diagram | undefined;

/** The same for a question: undefined where it takes a look at their children. */
export type Question = (a: Diagram, b: Diagram) => boolean | undefined;

const FIRST_NODE = 2 ** 24;
/** More nodes than this are never needed; their numbers fit 32 bits. */
const LAST_NODE = 2 ** 26;

/** The first that is not 0. */
export const orElse: Operation = (a, b) => (a === 0 ? b : b === 0 || a === b || a < FIRST_NODE ? a : undefined);
/** Both 1. Terminals are 0 and 1. */
export const and: Operation = (a, b) => (a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 || a === b ? a : undefined);
/** The first where the second is 1, else 0. The terminals of the second are 0 and 1. */
export const within: Operation = (a, b) => (a === 0 || b === 0 ? 0 : b === 1 ? a : undefined);
/** The first is 1 and the second is not. Terminals are 0 and 1. */
export const butNot: Operation = (a, b) => (a === 0 || b === 1 || a === b ? 0 : b === 0 ? a : undefined);

/** Something that is 1 in both. */
export const meet: Question = (a, b) => (a === 0 || b === 0 ? false : a === 1 || b === 1 || a === b ? true : undefined);

/** Thrown when more work would be done than was allowed. */
export class TooMuchWork extends Error {}

/**
 * `lastOf` gives the largest value of a level's field; the smallest is 0. `mostWork`: edges of diagrams, and what `spend`
 * counts.
 */
export function openDiagrams(lastOf: (level: number) => number, mostWork = Infinity): Diagrams {
    let spent = 0;
    // Of each node: its level, where its edges begin; the edges of all nodes one after the other.
    const levels: number[] = [];
    const starts: number[] = [0];
    const edgeTops: number[] = [];
    const edgeKids: Diagram[] = [];
    let table = new Int32Array(1024).fill(-1);
    const memos = new Map<Operation | Question, Memo>();

    function spend(steps: number): void {
        spent += steps;
        if (spent > mostWork) throw new TooMuchWork();
    }

    const levelOf = (diagram: Diagram) => (diagram < FIRST_NODE ? Infinity : levels[diagram - FIRST_NODE]!);

    function node(level: number, tops: readonly number[], kids: readonly Diagram[]): Diagram {
        if (kids.length === 1) return kids[0]!;
        let slot = hashOf(level, tops, kids, 0, kids.length) & (table.length - 1);
        for (let found = table[slot]!; found >= 0; found = table[slot]!) {
            if (isNode(found, level, tops, kids)) return FIRST_NODE + found;
            slot = (slot + 1) & (table.length - 1);
        }
        const index = levels.length;
        spend(kids.length);
        if (index + FIRST_NODE >= LAST_NODE) throw new TooMuchWork();
        levels.push(level);
        for (let i = 0; i < kids.length; i++) {
            edgeTops.push(tops[i]!);
            edgeKids.push(kids[i]!);
        }
        starts.push(edgeTops.length);
        table[slot] = index;
        if (levels.length * 2 > table.length) growTable();
        return FIRST_NODE + index;
    }

    function isNode(index: number, level: number, tops: readonly number[], kids: readonly Diagram[]): boolean {
        const start = starts[index]!;
        if (levels[index] !== level || starts[index + 1]! - start !== kids.length) return false;
        for (let i = 0; i < kids.length; i++)
            if (edgeKids[start + i] !== kids[i] || edgeTops[start + i] !== tops[i]) return false;
        return true;
    }

    function growTable(): void {
        table = new Int32Array(table.length * 4).fill(-1);
        for (let index = 0; index < levels.length; index++) {
            const [start, end] = [starts[index]!, starts[index + 1]!];
            let slot = hashOf(levels[index]!, edgeTops, edgeKids, start, end) & (table.length - 1);
            while (table[slot]! >= 0) slot = (slot + 1) & (table.length - 1);
            table[slot] = index;
        }
    }

    function combine(operation: Operation, a: Diagram, b: Diagram): Diagram {
        let memo = memos.get(operation);
        if (!memo) memos.set(operation, (memo = openMemo(operation)));
        return combined(operation, memo, a, b);
    }

    function combined(operation: Operation, memo: Memo, a: Diagram, b: Diagram): Diagram {
        const decided = operation(a, b);
        if (decided !== undefined) return decided;
        const known = memo.get(a, b);
        if (known !== undefined) return known;
        const [levelA, levelB] = [levelOf(a), levelOf(b)];
        const level = Math.min(levelA, levelB);
        // One that does not ask this level is the same for all of its values.
        let at = levelA === level ? startOf(a) : -1;
        let bt = levelB === level ? startOf(b) : -1;
        const [endA, endB] = [at < 0 ? 0 : startOf(a + 1), bt < 0 ? 0 : startOf(b + 1)];
        const tops: number[] = [];
        const kids: Diagram[] = [];
        for (let top = -1, last = lastOf(level); top < last;) {
            const topA = at < 0 ? last : edgeTops[at]!;
            const topB = bt < 0 ? last : edgeTops[bt]!;
            const kidA = at < 0 ? a : edgeKids[at]!;
            const kidB = bt < 0 ? b : edgeKids[bt]!;
            if (kidA === 0 && memo.zeroLeft) {
                push(tops, kids, (top = topA), 0);
                if (bt >= 0 && topB < top) bt = edgeFor(top, bt, endB);
            } else if (kidB === 0 && memo.zeroRight) {
                push(tops, kids, (top = topB), 0);
                if (at >= 0 && topA < top) at = edgeFor(top, at, endA);
            } else {
                top = Math.min(topA, topB);
                push(tops, kids, top, combined(operation, memo, kidA, kidB));
            }
            if (at >= 0 && edgeTops[at] === top) at++;
            if (bt >= 0 && edgeTops[bt] === top) bt++;
        }
        const result = node(level, tops, kids);
        memo.set(a, b, result);
        return result;
    }

    function some(question: Question, a: Diagram, b: Diagram): boolean {
        let memo = memos.get(question);
        if (!memo) memos.set(question, (memo = openMemo(question)));
        return foundIn(question, memo, a, b);
    }

    function foundIn(question: Question, memo: Memo, a: Diagram, b: Diagram): boolean {
        const decided = question(a, b);
        if (decided !== undefined) return decided;
        const known = memo.get(a, b);
        if (known !== undefined) return known === 1;
        const [levelA, levelB] = [levelOf(a), levelOf(b)];
        const level = Math.min(levelA, levelB);
        let at = levelA === level ? startOf(a) : -1;
        let bt = levelB === level ? startOf(b) : -1;
        const [endA, endB] = [at < 0 ? 0 : startOf(a + 1), bt < 0 ? 0 : startOf(b + 1)];
        let found = false;
        let steps = 0;
        for (let top = -1, last = lastOf(level); top < last && !found; steps++) {
            const topA = at < 0 ? last : edgeTops[at]!;
            const topB = bt < 0 ? last : edgeTops[bt]!;
            const kidA = at < 0 ? a : edgeKids[at]!;
            const kidB = bt < 0 ? b : edgeKids[bt]!;
            if (kidA === 0 && memo.zeroLeft) {
                top = topA;
                if (bt >= 0 && topB < top) bt = edgeFor(top, bt, endB);
            } else if (kidB === 0 && memo.zeroRight) {
                top = topB;
                if (at >= 0 && topA < top) at = edgeFor(top, at, endA);
            } else {
                top = Math.min(topA, topB);
                found = foundIn(question, memo, kidA, kidB);
            }
            if (at >= 0 && edgeTops[at] === top) at++;
            if (bt >= 0 && edgeTops[bt] === top) bt++;
        }
        // It makes nothing that stays.
        spend(steps >> 2);
        memo.set(a, b, found ? 1 : 0);
        return found;
    }

    /** Of the edges from `low` up to `end`, the one that holds this value. */
    function edgeFor(value: number, low: number, end: number): number {
        let high = end - 1;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (edgeTops[middle]! < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /** All diagrams below `diagram` that ask `level` or what is below it, each once. */
    function cutAt(diagram: Diagram, level: number): Set<Diagram> {
        const seen = new Set<Diagram>();
        const found = new Set<Diagram>();
        const visit = (each: Diagram) => {
            if (levelOf(each) >= level) found.add(each);
            else if (!seen.has(each)) {
                seen.add(each);
                for (let edge = startOf(each), end = startOf(each + 1); edge < end; edge++) visit(edgeKids[edge]!);
            }
        };
        visit(diagram);
        spend(seen.size);
        return found;
    }

    /** In halves: an early large union is not gone through again for each of the others. */
    function unionOf(list: readonly Diagram[]): Diagram {
        if (list.length < 2) return list[0] ?? 0;
        const middle = list.length >> 1;
        return combine(orElse, unionOf(list.slice(0, middle)), unionOf(list.slice(middle)));
    }

    /** Cut off at the diagrams that `replace` gives something for, which it does for each terminal. */
    function replaced(diagram: Diagram, replace: (each: Diagram, level: number) => Diagram | undefined): Diagram {
        const memo = new Map<Diagram, Diagram>();
        const visit = (each: Diagram): Diagram => {
            const level = levelOf(each);
            const instead = replace(each, level);
            if (instead !== undefined) return instead;
            let known = memo.get(each);
            if (known === undefined) {
                const tops: number[] = [];
                const kids: Diagram[] = [];
                for (let edge = startOf(each), end = startOf(each + 1); edge < end; edge++)
                    push(tops, kids, edgeTops[edge]!, visit(edgeKids[edge]!));
                memo.set(each, (known = node(level, tops, kids)));
            }
            return known;
        };
        return visit(diagram);
    }

    const startOf = (diagram: Diagram) => starts[diagram - FIRST_NODE]!;

    function pieces(diagram: Diagram, level: number): Piece[] {
        if (levelOf(diagram) !== level) return [{ first: 0, last: lastOf(level), kid: diagram }];
        const [start, end] = [startOf(diagram), startOf(diagram + 1)];
        return Array.from({ length: end - start }, (_, i) => ({
            first: i === 0 ? 0 : edgeTops[start + i - 1]! + 1,
            last: edgeTops[start + i]!,
            kid: edgeKids[start + i]!,
        }));
    }

    /** Each node once, its children first. */
    function rebuild(diagram: Diagram, rebuilt: (level: number, pieces: readonly Piece[]) => Diagram): Diagram {
        const memo = new Map<Diagram, Diagram>();
        const visit = (each: Diagram): Diagram => {
            if (each < FIRST_NODE) return each;
            const known = memo.get(each);
            if (known !== undefined) return known;
            const level = levelOf(each);
            const result = rebuilt(
                level,
                pieces(each, level).map((piece) => ({ ...piece, kid: visit(piece.kid) })),
            );
            memo.set(each, result);
            return result;
        };
        return visit(diagram);
    }

    function fromPieces(level: number, list: readonly Piece[]): Diagram {
        const tops: number[] = [];
        const kids: Diagram[] = [];
        for (const { last, kid } of list) push(tops, kids, last, kid);
        return node(level, tops, kids);
    }

    return {
        node: (level, tops, kids) => {
            const [mergedTops, mergedKids]: [number[], Diagram[]] = [[], []];
            kids.forEach((kid, i) => push(mergedTops, mergedKids, tops[i]!, kid));
            return node(level, mergedTops, mergedKids);
        },
        levelOf,
        pieces,
        combine,
        some,
        spend,
        map: (diagram, replace) => replaced(diagram, (each, level) => (level === Infinity ? replace(each) : undefined)),
        restrict: (diagram, values) =>
            rebuild(diagram, (level, list) => {
                const value = values.get(level);
                if (value === undefined) return fromPieces(level, list);
                return list.find(({ last }) => value <= last)!.kid;
            }),
        exists: (diagram, wanted) =>
            rebuild(diagram, (level, list) =>
                wanted.has(level) ? unionOf(list.map(({ kid }) => kid)) : fromPieces(level, list),
            ),
        // Whatever is not 0 leads to 1 somewhere.
        upTo: (diagram, last) => replaced(diagram, (each, level) => (level < last ? undefined : each === 0 ? 0 : 1)),
        from: (diagram, level) => unionOf([...cutAt(diagram, level)]),
        terminals: (diagram) => cutAt(diagram, Infinity),
        kidAt: (diagram, level, value) =>
            levelOf(diagram) === level ? edgeKids[edgeFor(value, startOf(diagram), startOf(diagram + 1))]! : diagram,
    };
}

interface Memo extends PairMemo {
    /** 0 and anything give 0 or false; anything and 0. */
    readonly zeroLeft: boolean;
    readonly zeroRight: boolean;
}

function openMemo(operation: Operation | Question): Memo {
    return {
        ...openPairMemo(),
        zeroLeft: !(operation(0, FIRST_NODE) ?? true),
        zeroRight: !(operation(FIRST_NODE, 0) ?? true),
    };
}

/** Adds an interval; one that leads on like the one before it makes that one longer. */
function push(tops: number[], kids: Diagram[], top: number, kid: Diagram): void {
    if (kids.length > 0 && kids[kids.length - 1] === kid) tops[tops.length - 1] = top;
    else {
        tops.push(top);
        kids.push(kid);
    }
}

function hashOf(level: number, tops: readonly number[], kids: readonly Diagram[], start: number, end: number): number {
    let hash = level + 1;
    for (let i = start; i < end; i++) {
        hash = Math.imul(hash ^ (tops[i]! | 0), 0x9e3779b1);
        hash = Math.imul(hash ^ (hash >>> 15) ^ kids[i]!, 0x85ebca6b);
    }
    return (hash ^ (hash >>> 13)) >>> 0;
}
