import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../model/addresses";

/** A set of addresses: sorted, merged ranges, as `mergeRanges` makes them. */
export type AddressSpace = readonly AddressRange[];

export const NOBODY: AddressSpace = [];

/** Every address of the families. */
export function everybody(families: readonly Family[]): AddressSpace {
    return families.map(wholeFamily);
}

export function union(a: AddressSpace, b: AddressSpace): AddressSpace {
    return mergeRanges([...a, ...b]);
}

/** What is in `a` and in `b`. */
export function intersection(a: AddressSpace, b: AddressSpace): AddressSpace {
    const common: AddressRange[] = [];
    for (const x of a) {
        for (const y of b) {
            if (x.family !== y.family) continue;
            const first = x.first > y.first ? x.first : y.first;
            const last = x.last < y.last ? x.last : y.last;
            if (first <= last) common.push({ family: x.family, first, last });
        }
    }
    return mergeRanges(common);
}

export function meets(a: AddressSpace, b: AddressSpace): boolean {
    return intersection(a, b).length > 0;
}

/** What is in `a` and not in `b`. */
export function difference(a: AddressSpace, b: AddressSpace): AddressSpace {
    return a.flatMap((range) => {
        const left: AddressRange[] = [];
        let next = range.first;
        for (const cut of b) {
            if (cut.family !== range.family || cut.last < next || cut.first > range.last) continue;
            if (cut.first > next) left.push({ family: range.family, first: next, last: cut.first - 1n });
            next = cut.last + 1n;
        }
        if (next <= range.last) left.push({ family: range.family, first: next, last: range.last });
        return left;
    });
}

export function sameSpace(a: AddressSpace, b: AddressSpace): boolean {
    return (
        a.length === b.length &&
        a.every((x, i) => x.family === b[i]?.family && x.first === b[i].first && x.last === b[i].last)
    );
}

export function ofFamilies(space: AddressSpace, families: readonly Family[]): AddressSpace {
    return space.filter(({ family }) => families.includes(family));
}
