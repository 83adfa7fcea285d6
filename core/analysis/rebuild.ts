import type { Diagram, Diagrams, Piece } from "./diagram";
import { FIRST_NODE, orElse } from "./operations";

type Primitives = Pick<Diagrams, "levelOf" | "pieces" | "node" | "combine">;

/** The diagram where the fields of some levels are known. */
export function restricted(diagrams: Primitives, diagram: Diagram, values: ReadonlyMap<number, number>): Diagram {
    return rebuilt(diagrams, diagram, (level, pieces) => {
        const value = values.get(level);
        return value === undefined ? undefined : pieces.find(({ last }) => value <= last)!.kid;
    });
}

/** 1 wherever some values of these levels lead to 1. */
export function existing(diagrams: Primitives, diagram: Diagram, wanted: ReadonlySet<number>): Diagram {
    const union = (pieces: readonly Piece[]) =>
        unionOf(
            diagrams.combine,
            pieces.map(({ kid }) => kid),
        );
    return rebuilt(diagrams, diagram, (level, pieces) => (wanted.has(level) ? union(pieces) : undefined));
}

/** In halves: an early large union is not gone through again for each of the others. */
export function unionOf(combine: Diagrams["combine"], list: readonly Diagram[]): Diagram {
    if (list.length < 2) return list[0] ?? 0;
    const middle = list.length >> 1;
    return combine(orElse, unionOf(combine, list.slice(0, middle)), unionOf(combine, list.slice(middle)));
}

/** Each node once, its children first: as `instead` says, or else with what became of its children. */
function rebuilt(
    { levelOf, pieces, node }: Primitives,
    diagram: Diagram,
    instead: (level: number, pieces: readonly Piece[]) => Diagram | undefined,
): Diagram {
    const memo = new Map<Diagram, Diagram>();
    const visit = (each: Diagram): Diagram => {
        if (each < FIRST_NODE) return each;
        const known = memo.get(each);
        if (known !== undefined) return known;
        const level = levelOf(each);
        const list = pieces(each, level).map((piece) => ({ ...piece, kid: visit(piece.kid) }));
        const same = () =>
            node(
                level,
                list.map(({ last }) => last),
                list.map(({ kid }) => kid),
            );
        const result = instead(level, list) ?? same();
        memo.set(each, result);
        return result;
    };
    return visit(diagram);
}
