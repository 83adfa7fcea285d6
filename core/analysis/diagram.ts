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
    /** Each terminal replaced; equal terminals are replaced alike. */
    map(diagram: Diagram, replace: (terminal: number) => number): Diagram;
    /** The diagram where the fields of some levels are known. */
    restrict(diagram: Diagram, values: ReadonlyMap<number, number>): Diagram;
    /** 1 wherever some values of these levels lead to 1. Terminals are 0 and 1. */
    exists(diagram: Diagram, levels: ReadonlySet<number>): Diagram;
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

const FIRST_NODE = 2 ** 24;
/** Numbers of two diagrams are a key of 52 bits. */
const KEY = 2 ** 26;

/** The first that is not 0. */
export const orElse: Operation = (a, b) => (a === 0 ? b : b === 0 || a === b || a < FIRST_NODE ? a : undefined);
/** Both 1. Terminals are 0 and 1. */
export const and: Operation = (a, b) => (a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 || a === b ? a : undefined);
/** The first is 1 and the second is not. Terminals are 0 and 1. */
export const butNot: Operation = (a, b) => (a === 0 || b === 1 || a === b ? 0 : b === 0 ? a : undefined);

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
    const memos = new Map<Operation, Map<number, Diagram>>();

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
        if (index + FIRST_NODE >= KEY) throw new TooMuchWork();
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
        if (!memo) memos.set(operation, (memo = new Map()));
        return combined(operation, memo, a, b);
    }

    function combined(operation: Operation, memo: Map<number, Diagram>, a: Diagram, b: Diagram): Diagram {
        const decided = operation(a, b);
        if (decided !== undefined) return decided;
        const key = a * KEY + b;
        const known = memo.get(key);
        if (known !== undefined) return known;
        const [levelA, levelB] = [levelOf(a), levelOf(b)];
        const level = Math.min(levelA, levelB);
        // One that does not ask this level is the same for all of its values.
        let at = levelA === level ? startOf(a) : -1;
        let bt = levelB === level ? startOf(b) : -1;
        const tops: number[] = [];
        const kids: Diagram[] = [];
        for (let top = -1, last = lastOf(level); top < last;) {
            const topA = at < 0 ? last : edgeTops[at]!;
            const topB = bt < 0 ? last : edgeTops[bt]!;
            top = Math.min(topA, topB);
            push(tops, kids, top, combined(operation, memo, at < 0 ? a : edgeKids[at]!, bt < 0 ? b : edgeKids[bt]!));
            if (at >= 0 && topA === top) at++;
            if (bt >= 0 && topB === top) bt++;
        }
        const result = node(level, tops, kids);
        memo.set(key, result);
        return result;
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
    function rebuild(
        diagram: Diagram,
        terminal: (value: number) => Diagram,
        rebuilt: (level: number, pieces: readonly Piece[]) => Diagram,
    ): Diagram {
        const memo = new Map<Diagram, Diagram>();
        const visit = (each: Diagram): Diagram => {
            if (each < FIRST_NODE) return terminal(each);
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

    const same = (value: number) => value;
    return {
        node: (level, tops, kids) => {
            const [mergedTops, mergedKids]: [number[], Diagram[]] = [[], []];
            kids.forEach((kid, i) => push(mergedTops, mergedKids, tops[i]!, kid));
            return node(level, mergedTops, mergedKids);
        },
        levelOf,
        pieces,
        combine,
        spend,
        map: (diagram, replace) => rebuild(diagram, replace, fromPieces),
        restrict: (diagram, values) =>
            rebuild(diagram, same, (level, list) => {
                const value = values.get(level);
                if (value === undefined) return fromPieces(level, list);
                return list.find(({ last }) => value <= last)!.kid;
            }),
        exists: (diagram, wanted) =>
            rebuild(diagram, same, (level, list) =>
                wanted.has(level)
                    ? list.map(({ kid }) => kid).reduce((a, b) => combine(orElse, a, b))
                    : fromPieces(level, list),
            ),
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
