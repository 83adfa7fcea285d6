import { type Diagram, type Diagrams, NO_LEVEL } from "../../../core/analysis/diagram";

/** What a diagram gives for the packet whose fields have these values. */
export function evaluate(diagrams: Diagrams, diagram: Diagram, valueAt: (level: number) => number): number {
    const level = diagrams.levelOf(diagram);
    if (level === NO_LEVEL) return diagram;
    const { kid } = diagrams.pieces(diagram, level).find(({ last }) => valueAt(level) <= last)!;
    return evaluate(diagrams, kid, valueAt);
}

interface Node {
    readonly level: number;
    readonly tops: readonly number[];
    readonly kids: readonly (Node | number)[];
}

/** The same, made ready for many packets. */
export function compiled(diagrams: Diagrams, diagram: Diagram): (valueAt: (level: number) => number) => number {
    const known = new Map<Diagram, Node | number>();
    const open = (each: Diagram): Node | number => {
        const before = known.get(each);
        if (before !== undefined) return before;
        const level = diagrams.levelOf(each);
        const pieces = level === NO_LEVEL ? [] : diagrams.pieces(each, level);
        const node =
            level === NO_LEVEL
                ? each
                : { level, tops: pieces.map(({ last }) => last), kids: pieces.map(({ kid }) => open(kid)) };
        known.set(each, node);
        return node;
    };
    const root = open(diagram);
    return (valueAt) => {
        let node = root;
        while (typeof node !== "number") {
            const { level, tops, kids } = node;
            const value = valueAt(level);
            let [low, high] = [0, tops.length - 1];
            while (low < high) {
                const middle = (low + high) >> 1;
                if (value <= tops[middle]!) high = middle;
                else low = middle + 1;
            }
            node = kids[low]!;
        }
        return node;
    };
}
