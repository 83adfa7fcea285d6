import type { Diagram, Diagrams } from "./diagram";
import type { Operation } from "./operations";

/** Four neighbours at a time on average, and never more than this. */
const MOST_TOGETHER = 12;

/**
 * A list put together two at a time, neighbours first, so that no large diagram is gone through once for each item. Where
 * neighbours are put together is decided by what they are, not by where they stand: two lists that share most of their
 * items share most of the work.
 */
export function joinNeighbours<Item>(
    list: readonly Item[],
    diagramOf: (item: Item) => Diagram,
    join: (a: Item, b: Item) => Item,
): Item | undefined {
    const inHalves = (items: readonly Item[], first: number, end: number): Item => {
        if (end - first === 1) return items[first]!;
        const middle = (first + end) >> 1;
        return join(inHalves(items, first, middle), inHalves(items, middle, end));
    };
    let level = list;
    while (level.length > 1) {
        const next: Item[] = [];
        let first = 0;
        level.forEach((item, index) => {
            const count = index + 1 - first;
            const isLast = count === MOST_TOGETHER || (count > 1 && isBoundary(diagramOf(item)));
            if (!isLast && index < level.length - 1) return;
            next.push(inHalves(level, first, index + 1));
            first = index + 1;
        });
        level = next;
    }
    return level[0];
}

/** The same for diagrams and an operation; 0 if there are none. */
export function joinDiagrams(diagrams: Diagrams, operation: Operation, list: readonly Diagram[]): Diagram {
    const join = (a: Diagram, b: Diagram) => diagrams.combine(operation, a, b);
    return joinNeighbours(list, (diagram) => diagram, join) ?? 0;
}

/** One of four, whatever the list. */
function isBoundary(item: Diagram): boolean {
    const mixed = Math.imul(item, 0x9e3779b1);
    return ((mixed ^ (mixed >>> 15)) & 3) === 0;
}
