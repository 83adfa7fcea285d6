import type { PortRange } from "../model/ports";

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
