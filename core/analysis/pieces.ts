import { type AddressRange, type Family, wholeFamily } from "../model/addresses";
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

/** The addresses of a family, cut wherever a range begins or ends. */
export function addressPieces(ranges: readonly AddressRange[], family: Family): AddressRange[] {
    const whole = wholeFamily(family);
    const starts = new Set([whole.first]);
    for (const { first, last } of ranges) {
        starts.add(first);
        if (last < whole.last) starts.add(last + 1n);
    }
    const sorted = [...starts].sort((a, b) => (a < b ? -1 : 1));
    return sorted.map((first, i) => ({ family, first, last: (sorted[i + 1] ?? whole.last + 1n) - 1n }));
}
