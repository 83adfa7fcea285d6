import type { Diagram, Diagrams } from "../../../core/analysis/diagram";

/** What a diagram gives for the packet whose fields have these values. */
export function evaluate(diagrams: Diagrams, diagram: Diagram, valueAt: (level: number) => number): number {
    const level = diagrams.levelOf(diagram);
    if (level === Infinity) return diagram;
    const { kid } = diagrams.pieces(diagram, level).find(({ last }) => valueAt(level) <= last)!;
    return evaluate(diagrams, kid, valueAt);
}
