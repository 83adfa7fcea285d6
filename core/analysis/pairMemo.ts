import type { Diagram } from "./diagram";
import { FIRST_NODE, type Operation, type Question } from "./operations";

/**
 * What an operation gave for two diagrams, and what it always gives for one that is 0. A table of numbers that is changed in
 * place: one made of objects costs more than the work it saves.
 */
export interface Memo {
    /** 0 and anything give 0 or false; anything and 0. */
    readonly zeroLeft: boolean;
    readonly zeroRight: boolean;
    count: number;
    /** Three numbers an entry: both diagrams and the result. 0 and 0 is never asked. */
    entries: Int32Array;
}

/** Few, so that it has grown before it is compiled: paths that have not run yet would have all of it compiled anew. */
const FIRST_SIZE = 16;

export function openMemo(operation: Operation | Question): Memo {
    return {
        zeroLeft: !(operation(0, FIRST_NODE) ?? true),
        zeroRight: !(operation(FIRST_NODE, 0) ?? true),
        count: 0,
        entries: new Int32Array(3 * FIRST_SIZE),
    };
}

export function remembered({ entries }: Memo, a: Diagram, b: Diagram): Diagram | undefined {
    const slot = slotFor(entries, a, b);
    return entries[slot] === a && entries[slot + 1] === b ? entries[slot + 2] : undefined;
}

export function remember(memo: Memo, a: Diagram, b: Diagram, result: Diagram): void {
    if (6 * ++memo.count > memo.entries.length) {
        const before = memo.entries;
        memo.entries = new Int32Array(4 * before.length);
        for (let i = 0; i < before.length; i += 3)
            if (before[i]! | before[i + 1]!) put(memo.entries, before[i]!, before[i + 1]!, before[i + 2]!);
    }
    put(memo.entries, a, b, result);
}

function put(entries: Int32Array, a: Diagram, b: Diagram, result: Diagram): void {
    const slot = slotFor(entries, a, b);
    entries[slot] = a;
    entries[slot + 1] = b;
    entries[slot + 2] = result;
}

function slotFor(entries: Int32Array, a: Diagram, b: Diagram): number {
    const mask = entries.length / 3 - 1;
    const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    for (let slot = mixed ^ (mixed >>> 15); ; slot++) {
        const at = 3 * (slot & mask);
        const one = entries[at]!;
        const other = entries[at + 1]!;
        if (((one ^ a) | (other ^ b)) === 0 || (one | other) === 0) return at;
    }
}
