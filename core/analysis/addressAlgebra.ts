import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../model/addresses";

/** A set of addresses: sorted, merged ranges, as `mergeRanges` makes them. */
export type AddressSpace = readonly AddressRange[];

/** Every address of the families. */
export function everybody(families: readonly Family[]): AddressSpace {
    return families.map(wholeFamily);
}

export function union(a: AddressSpace, b: AddressSpace): AddressSpace {
    return mergeRanges([...a, ...b]);
}

/** What is in `a` and in `b`. Cost: the number of ranges. */
export function intersection(a: AddressSpace, b: AddressSpace): AddressSpace {
    const common: AddressRange[] = [];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
        const x = a[i]!;
        const y = b[j]!;
        if (x.family === y.family) {
            const first = x.first > y.first ? x.first : y.first;
            const last = x.last < y.last ? x.last : y.last;
            if (first <= last) common.push({ family: x.family, first, last });
        }
        if (endsBefore(x, y)) i++;
        else j++;
    }
    return common;
}

function endsBefore(x: AddressRange, y: AddressRange): boolean {
    return x.family < y.family || (x.family === y.family && x.last < y.last);
}

/** What is in `a` and not in `b`. Cost: the number of ranges. */
export function difference(a: AddressSpace, b: AddressSpace): AddressSpace {
    const left: AddressRange[] = [];
    let from = 0;
    for (const range of a) {
        let next = range.first;
        while (from < b.length && endsBefore(b[from]!, range) && !reaches(b[from]!, range)) from++;
        for (let j = from; j < b.length; j++) {
            const cut = b[j]!;
            if (cut.family > range.family || (cut.family === range.family && cut.first > range.last)) break;
            if (cut.family < range.family) continue;
            if (cut.first > next) left.push({ family: range.family, first: next, last: cut.first - 1n });
            if (cut.last >= next) next = cut.last + 1n;
        }
        if (next <= range.last) left.push({ family: range.family, first: next, last: range.last });
    }
    return left;
}

function reaches(x: AddressRange, y: AddressRange): boolean {
    return x.family === y.family && x.last >= y.first;
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
