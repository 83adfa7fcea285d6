import type { PortRange } from "../model/ports";

/** A rule for ports of more groups than this is asked about every port. */
const MOST_GROUPS = 16;

/** The group of a port, so that of many rules only those for ports near by are asked about it: 64 ports each. */
export const portGroupOf = (port: number): number => port >> 6;

/** The groups of some ports, each once; undefined: of any port, or of too many groups. */
export function portGroupsOf(ranges: readonly PortRange[] | undefined): ReadonlySet<number> | undefined {
    if (!ranges) return undefined;
    const groups = new Set<number>();
    for (const { first, last } of ranges)
        for (let group = portGroupOf(first); group <= portGroupOf(last); group++) {
            groups.add(group);
            if (groups.size > MOST_GROUPS) return undefined;
        }
    return groups;
}

/** Places of rules by group; those of no groups are asked about everything. */
export interface ByGroup {
    readonly always: readonly number[];
    readonly byGroup: ReadonlyMap<number, readonly number[]>;
}

export function sortByGroup(
    items: Iterable<readonly [place: number, groups: ReadonlySet<number> | undefined]>,
): ByGroup {
    const always: number[] = [];
    const byGroup = new Map<number, number[]>();
    for (const [place, groups] of items) {
        if (!groups) always.push(place);
        else
            for (const group of groups) {
                const others = byGroup.get(group);
                if (others) others.push(place);
                else byGroup.set(group, [place]);
            }
    }
    return { always, byGroup };
}
