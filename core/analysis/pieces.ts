import type { PortRange } from "../model/ports";
import type { Diagram, Piece } from "./diagram";

export const EVERY_PORT: PortRange = { first: 1, last: 65535 };

/** The port space, cut wherever a range begins or ends. */
export function portPieces(ranges: readonly PortRange[]): PortRange[] {
    const starts = new Set([EVERY_PORT.first]);
    for (const { first, last } of ranges) {
        starts.add(first);
        if (last < EVERY_PORT.last) starts.add(last + 1);
    }
    const sorted = [...starts].sort((a, b) => a - b);
    return sorted.map((first, i) => ({ first, last: (sorted[i + 1] ?? EVERY_PORT.last + 1) - 1 }));
}

export function numbersOf({ first, last }: Piece): number[] {
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** What most values lead to: how everything fares that is not named. */
export function widest(pieces: readonly Piece[]): Diagram {
    const widths = new Map<Diagram, number>();
    for (const { first, last, kid } of pieces) widths.set(kid, (widths.get(kid) ?? 0) + last - first + 1);
    return [...widths].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}
