import type { Diagram } from "./diagram";
import { FIRST_NODE, type Operation, type Question } from "./operations";

/** Results of one operation by the two diagrams that it was applied to. */
interface PairMemo {
    readonly get: (a: Diagram, b: Diagram) => Diagram | undefined;
    readonly set: (a: Diagram, b: Diagram, result: Diagram) => void;
}

/** What an operation gave, and what it always gives for one that is 0. */
export interface Memo extends PairMemo {
    /** 0 and anything give 0 or false; anything and 0. */
    readonly zeroLeft: boolean;
    readonly zeroRight: boolean;
}

export function openMemo(operation: Operation | Question): Memo {
    return {
        ...openPairMemo(),
        zeroLeft: !(operation(0, FIRST_NODE) ?? true),
        zeroRight: !(operation(FIRST_NODE, 0) ?? true),
    };
}

/** A table of numbers: one made of objects costs more than the work it saves. */
function openPairMemo(): PairMemo {
    let size = 1024;
    let count = 0;
    // Three numbers an entry: both diagrams and the result. 0 and 0 is never asked.
    let entries = new Int32Array(3 * size);
    const slotFor = (a: Diagram, b: Diagram): number => {
        const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
        let slot = (mixed ^ (mixed >>> 15)) & (size - 1);
        while ((entries[3 * slot] !== a || entries[3 * slot + 1] !== b) && entries[3 * slot]! | entries[3 * slot + 1]!)
            slot = (slot + 1) & (size - 1);
        return 3 * slot;
    };
    const put = (a: Diagram, b: Diagram, result: Diagram) => {
        const slot = slotFor(a, b);
        entries[slot] = a;
        entries[slot + 1] = b;
        entries[slot + 2] = result;
    };
    return {
        get(a, b) {
            const slot = slotFor(a, b);
            return entries[slot] === a && entries[slot + 1] === b ? entries[slot + 2] : undefined;
        },
        set(a, b, result) {
            if (2 * ++count > size) {
                const before = entries;
                size *= 4;
                entries = new Int32Array(3 * size);
                for (let i = 0; i < before.length; i += 3)
                    if (before[i]! | before[i + 1]!) put(before[i]!, before[i + 1]!, before[i + 2]!);
            }
            put(a, b, result);
        },
    };
}
