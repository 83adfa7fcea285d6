import { FIRST_NODE, type Operation, type Question } from "./operations";
import { type Memo, openMemo, remember, remembered } from "./pairMemo";
import { existing, restricted, unionOf } from "./rebuild";

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
    /** The same for one interval: `kid` from `first` to `last`, 0 for all others. */
    interval(level: number, first: number, last: number, kid: Diagram): Diagram;
    /** The level that a diagram asks first; `NO_LEVEL` for a terminal. */
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
    /** The levels that a diagram asks. */
    levels(diagram: Diagram): ReadonlySet<number>;
    /** Where one value of a level leads; the diagram itself if it does not ask that level first. */
    kidAt(diagram: Diagram, level: number, value: number): Diagram;
    /** Counts work that is done with diagrams by others towards what is allowed. */
    spend(steps: number): void;
    /** From now on so much work is allowed, whatever was done before. */
    allow(steps: number): void;
}

/** A terminal (below `FIRST_NODE`: its own value) or a node. */
export type Diagram = number;

export interface Piece {
    readonly first: number;
    readonly last: number;
    readonly kid: Diagram;
}

/** Below all levels; a small integer, which is faster than `Infinity`. */
export const NO_LEVEL = 2 ** 30 - 1;

/** More nodes than this are never needed; their numbers fit 32 bits. */
const LAST_NODE = 2 ** 26;

/** Most questions are answered by fewer nodes than this, and remembering costs more than looking at them again. */
const FEW_LOOKS = 30;

/** Small, so that all has grown once before it is compiled (pairMemo.ts). */
const FIRST_SIZE = 16;

/** So much work that it never ends sooner; a small integer, which counts down faster than `Infinity`. */
export const ANY_WORK = 2 ** 30;

/** Thrown when more work would be done than was allowed. */
export class TooMuchWork extends Error {}

/**
 * `lastOf` gives the largest value of a level's field; the smallest is 0. `mostWork`: edges of diagrams, and what `spend`
 * counts.
 */
export function openDiagrams(lastOf: (level: number) => number, mostWork = ANY_WORK): Diagrams {
    let left = mostWork;
    // Of each node: its level, where its edges begin, its hash; the edges of all nodes one after the other.
    let levels = new Uint32Array(FIRST_SIZE);
    let starts = new Uint32Array(FIRST_SIZE);
    let hashes = new Int32Array(FIRST_SIZE);
    let nodeCount = 0;
    let edgeTops = new Uint32Array(FIRST_SIZE);
    let edgeKids = new Int32Array(FIRST_SIZE);
    let table = new Int32Array(FIRST_SIZE).fill(-1);
    // The edges of the nodes that are being made, each from a `base` of its own on.
    let newTops = new Uint32Array(1);
    let newKids = new Int32Array(1);
    let newCount = 0;
    const memos = new Map<Operation | Question, Memo>();
    let looks = 0;

    function spend(steps: number): void {
        left -= steps;
        if (left >= 0) return;
        newCount = 0;
        throw new TooMuchWork();
    }

    const levelOf = (diagram: Diagram) => (diagram < FIRST_NODE ? NO_LEVEL : levels[diagram - FIRST_NODE]!);

    /** Adds an interval to what is being made; one that leads on like the one before it makes that one longer. */
    function push(base: number, top: number, kid: Diagram): void {
        if (newCount > base && newKids[newCount - 1] === kid) {
            newTops[newCount - 1] = top;
            return;
        }
        if (newCount === newTops.length) {
            newTops = larger(newTops, new Uint32Array(2 * newCount));
            newKids = larger(newKids, new Int32Array(2 * newCount));
        }
        newTops[newCount] = top;
        newKids[newCount++] = kid;
    }

    /** The node of the edges from `base` on, which are done with. */
    function made(level: number, base: number): Diagram {
        const count = newCount - base;
        newCount = base;
        if (count === 1) return newKids[base]!;
        let hash = level + 1;
        for (let i = base; i < base + count; i++) {
            hash = Math.imul(hash ^ newTops[i]!, 0x9e3779b1);
            hash = Math.imul(hash ^ (hash >>> 15) ^ newKids[i]!, 0x85ebca6b);
        }
        hash ^= hash >>> 13;
        let slot = hash & (table.length - 1);
        for (let found = table[slot]!; found >= 0; found = table[slot]!) {
            if (isNode(found, hash, level, base, count)) return FIRST_NODE + found;
            slot = (slot + 1) & (table.length - 1);
        }
        spend(count);
        if (nodeCount + FIRST_NODE >= LAST_NODE) spend(Infinity);
        table[slot] = nodeCount;
        return added(level, hash, base, count);
    }

    function isNode(index: number, hash: number, level: number, base: number, count: number): boolean {
        const start = starts[index]!;
        if (hashes[index] !== hash || levels[index] !== level || starts[index + 1]! - start !== count) return false;
        for (let i = 0; i < count; i++)
            if (edgeKids[start + i] !== newKids[base + i] || edgeTops[start + i] !== newTops[base + i]) return false;
        return true;
    }

    function added(level: number, hash: number, base: number, count: number): Diagram {
        const index = nodeCount++;
        if (nodeCount === levels.length) {
            levels = larger(levels, new Uint32Array(2 * nodeCount));
            starts = larger(starts, new Uint32Array(2 * nodeCount));
            hashes = larger(hashes, new Int32Array(2 * nodeCount));
        }
        const start = starts[index]!;
        while (start + count > edgeTops.length) {
            edgeTops = larger(edgeTops, new Uint32Array(2 * edgeTops.length));
            edgeKids = larger(edgeKids, new Int32Array(2 * edgeKids.length));
        }
        levels[index] = level;
        hashes[index] = hash;
        starts[index + 1] = start + count;
        for (let i = 0; i < count; i++) {
            edgeTops[start + i] = newTops[base + i]!;
            edgeKids[start + i] = newKids[base + i]!;
        }
        if (nodeCount * 2 > table.length) growTable();
        return FIRST_NODE + index;
    }

    function growTable(): void {
        table = new Int32Array(table.length * 4).fill(-1);
        for (let index = 0; index < nodeCount; index++) {
            let slot = hashes[index]! & (table.length - 1);
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
        const known = remembered(memo, a, b);
        if (known !== undefined) return known;
        const levelA = levelOf(a);
        const levelB = levelOf(b);
        const level = levelA < levelB ? levelA : levelB;
        // One that does not ask this level is the same for all of its values.
        let at = levelA === level ? startOf(a) : -1;
        let bt = levelB === level ? startOf(b) : -1;
        const endA = at < 0 ? 0 : startOf(a + 1);
        const endB = bt < 0 ? 0 : startOf(b + 1);
        const base = newCount;
        for (let top = -1, last = lastOf(level); top < last;) {
            const topA = at < 0 ? last : edgeTops[at]!;
            const topB = bt < 0 ? last : edgeTops[bt]!;
            const kidA = at < 0 ? a : edgeKids[at]!;
            const kidB = bt < 0 ? b : edgeKids[bt]!;
            if (kidA === 0 && memo.zeroLeft) {
                push(base, (top = topA), 0);
                if (bt >= 0 && topB < top) bt = edgeFor(top, bt, endB);
            } else if (kidB === 0 && memo.zeroRight) {
                push(base, (top = topB), 0);
                if (at >= 0 && topA < top) at = edgeFor(top, at, endA);
            } else {
                top = Math.min(topA, topB);
                push(base, top, combined(operation, memo, kidA, kidB));
            }
            if (at >= 0 && edgeTops[at] === top) at++;
            if (bt >= 0 && edgeTops[bt] === top) bt++;
        }
        const result = made(level, base);
        remember(memo, a, b, result);
        return result;
    }

    function some(question: Question, a: Diagram, b: Diagram): boolean {
        let memo = memos.get(question);
        if (!memo) memos.set(question, (memo = openMemo(question)));
        spend(1);
        looks = FEW_LOOKS;
        return foundIn(question, memo, false, a, b) ?? foundIn(question, memo, true, a, b)!;
    }

    /** Undefined: not within a few looks; after these everything is remembered. */
    function foundIn(question: Question, memo: Memo, isKept: boolean, a: Diagram, b: Diagram): boolean | undefined {
        const decided = question(a, b);
        if (decided !== undefined) return decided;
        if (!isKept && --looks < 0) return undefined;
        const known = isKept ? remembered(memo, a, b) : undefined;
        if (known !== undefined) return known === 1;
        const levelA = levelOf(a);
        const levelB = levelOf(b);
        const level = levelA < levelB ? levelA : levelB;
        let at = levelA === level ? startOf(a) : -1;
        let bt = levelB === level ? startOf(b) : -1;
        const endA = at < 0 ? 0 : startOf(a + 1);
        const endB = bt < 0 ? 0 : startOf(b + 1);
        let found: boolean | undefined = false;
        let steps = 0;
        for (let top = -1, last = lastOf(level); top < last && found === false; steps++) {
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
                found = foundIn(question, memo, isKept, kidA, kidB);
            }
            if (at >= 0 && edgeTops[at] === top) at++;
            if (bt >= 0 && edgeTops[bt] === top) bt++;
        }
        if (!isKept) return found;
        // It makes nothing that stays.
        spend(steps >> 2);
        remember(memo, a, b, found ? 1 : 0);
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
        if (levelOf(diagram) >= level) return new Set([diagram]);
        const found = new Set<Diagram>();
        for (const each of nodesAbove(diagram, level))
            for (let edge = startOf(each), end = startOf(each + 1); edge < end; edge++)
                if (levelOf(edgeKids[edge]!) >= level) found.add(edgeKids[edge]!);
        return found;
    }

    /** All diagrams in `diagram` that ask a level above this one, each once. */
    function nodesAbove(diagram: Diagram, level: number): Set<Diagram> {
        const found = new Set<Diagram>();
        const visit = (each: Diagram) => {
            if (levelOf(each) >= level || found.has(each)) return;
            found.add(each);
            for (let edge = startOf(each), end = startOf(each + 1); edge < end; edge++) visit(edgeKids[edge]!);
        };
        visit(diagram);
        spend(found.size);
        return found;
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
                const base = newCount;
                for (let edge = startOf(each), end = startOf(each + 1); edge < end; edge++)
                    push(base, edgeTops[edge]!, visit(edgeKids[edge]!));
                memo.set(each, (known = made(level, base)));
            }
            return known;
        };
        return visit(diagram);
    }

    const startOf = (diagram: Diagram) => starts[diagram - FIRST_NODE]!;

    function pieces(diagram: Diagram, level: number): Piece[] {
        if (levelOf(diagram) !== level) return [{ first: 0, last: lastOf(level), kid: diagram }];
        const list: Piece[] = [];
        let first = 0;
        for (let edge = startOf(diagram), end = startOf(diagram + 1); edge < end; edge++) {
            const last = edgeTops[edge]!;
            list.push({ first, last, kid: edgeKids[edge]! });
            first = last + 1;
        }
        return list;
    }

    function node(level: number, tops: readonly number[], kids: readonly Diagram[]): Diagram {
        const base = newCount;
        for (let i = 0; i < kids.length; i++) push(base, tops[i]!, kids[i]!);
        return made(level, base);
    }

    const primitives = { levelOf, pieces, node, combine };
    return {
        node,
        interval: (level, first, last, kid) => {
            const base = newCount;
            if (first > 0) push(base, first - 1, 0);
            push(base, last, kid);
            if (last < lastOf(level)) push(base, lastOf(level), 0);
            return made(level, base);
        },
        levelOf,
        pieces,
        combine,
        some,
        spend,
        allow: (steps) => {
            left = steps;
        },
        map: (diagram, replace) => replaced(diagram, (each, level) => (level === NO_LEVEL ? replace(each) : undefined)),
        restrict: (diagram, values) => restricted(primitives, diagram, values),
        exists: (diagram, wanted) => existing(primitives, diagram, wanted),
        // Whatever is not 0 leads to 1 somewhere.
        upTo: (diagram, last) => replaced(diagram, (each, level) => (level < last ? undefined : each === 0 ? 0 : 1)),
        from: (diagram, level) => unionOf(combine, [...cutAt(diagram, level)]),
        terminals: (diagram) => cutAt(diagram, NO_LEVEL),
        levels: (diagram) => new Set([...nodesAbove(diagram, NO_LEVEL)].map(levelOf)),
        kidAt: (diagram, level, value) =>
            levelOf(diagram) === level ? edgeKids[edgeFor(value, startOf(diagram), startOf(diagram + 1))]! : diagram,
    };
}

/** What was there, in an array with more room. */
function larger<Numbers extends Uint32Array | Int32Array>(before: Numbers, after: Numbers): Numbers {
    after.set(before);
    return after;
}
