/** Ports `first` to `last`, both included, 1 to 65535. */
export interface PortRange {
    readonly first: number;
    readonly last: number;
}

/** Sorts, and merges what touches or overlaps: 80, 81 and 80-90 are one range. */
export function mergePorts(ranges: readonly PortRange[]): PortRange[] {
    const merged: { first: number; last: number }[] = [];
    for (const { first, last } of [...ranges].sort((a, b) => a.first - b.first)) {
        const previous = merged.at(-1);
        if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
        else merged.push({ first, last });
    }
    return merged;
}

export function formatPort({ first, last }: PortRange): string {
    return first === last ? `${first}` : `${first}-${last}`;
}

export function formatPorts(ranges: readonly PortRange[]): string {
    return ranges.map(formatPort).join(", ");
}
