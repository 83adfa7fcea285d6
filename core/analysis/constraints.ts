import { intersection } from "./addressAlgebra";
import type { Diagram, Diagrams } from "./diagram";
import { joinDiagrams } from "./joinNeighbours";
import { and, orElse } from "./operations";
import { byFamily, forAddresses, forIntervals, lastOf, LEVEL } from "./packetFields";
import { type AddressRange, type Family } from "../model/addresses";

export interface Interval {
    readonly first: number;
    readonly last: number;
}

/** What a packet must be in one respect. */
export type Constraint =
    | { readonly kind: "values"; readonly level: number; readonly intervals: readonly Interval[] }
    /** It also says the family. Ranges are merged. */
    | {
          readonly kind: "addresses";
          readonly level: typeof LEVEL.own | typeof LEVEL.far;
          readonly family: Family;
          readonly ranges: readonly AddressRange[];
      }
    | { readonly kind: "packets"; readonly packets: Diagram };

export const NEVER: Constraint = { kind: "values", level: LEVEL.protocol, intervals: [] };

export function oneValue(level: number, value: number): Constraint {
    return { kind: "values", level, intervals: [{ first: value, last: value }] };
}

export function ofFamily(family: Family): Constraint {
    return oneValue(LEVEL.family, family === 4 ? 0 : 1);
}

/** `kid` (a terminal) where all of these hold, else 0. Built from the bottom, so that nothing has to be combined. */
export function whereAll(diagrams: Diagrams, constraints: readonly Constraint[], kid: Diagram): Diagram {
    const values = new Map<number, readonly Interval[]>();
    const addresses = new Map<string, readonly AddressRange[]>();
    const packets: Diagram[] = [];
    const narrow = (level: number, intervals: readonly Interval[]) => {
        const before = values.get(level);
        values.set(level, before ? inBoth(before, intervals) : intervals);
    };
    for (const constraint of constraints) {
        if (constraint.kind === "packets") packets.push(constraint.packets);
        else if (constraint.kind === "values") narrow(constraint.level, constraint.intervals);
        else {
            const { level, family, ranges } = constraint;
            const before = addresses.get(`${level} ${family}`);
            addresses.set(`${level} ${family}`, before ? intersection(before, ranges) : ranges);
            narrow(LEVEL.family, [family === 4 ? { first: 0, last: 0 } : { first: 1, last: 1 }]);
        }
    }
    if ([...values.values()].some((intervals) => intervals.length === 0)) return 0;
    const at = (level: number, below: Diagram): Diagram => {
        const intervals = values.get(level);
        if (!intervals || below === 0) return below;
        return forIntervals(diagrams, level, intervals, below);
    };
    const end = (level: typeof LEVEL.own | typeof LEVEL.far, family: Family, below: Diagram): Diagram => {
        const ranges = addresses.get(`${level} ${family}`);
        return ranges ? forAddresses(diagrams, level, family, ranges, below) : below;
    };
    const conditions = [...values.keys()].filter((level) => level >= LEVEL.condition).sort((a, b) => b - a);
    const bottom = at(
        LEVEL.sourcePort,
        conditions.reduce((below, level) => at(level, below), kid),
    );
    const ofFamily = (family: Family): Diagram => {
        const wanted = values.get(LEVEL.family);
        const value = family === 4 ? 0 : 1;
        if (wanted && !wanted.some(({ first, last }) => first <= value && value <= last)) return 0;
        return end(LEVEL.own, family, end(LEVEL.far, family, bottom));
    };
    const said = values.has(LEVEL.family);
    let diagram = said ? byFamily(diagrams, [ofFamily(4), ofFamily(6)]) : bottom;
    for (let level: number = LEVEL.interface; level >= LEVEL.protocol; level--) diagram = at(level, diagram);
    return packets.reduce((a, b) => diagrams.combine(and, b, a), diagram);
}

/** Sorted and merged. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
    const merged: { first: number; last: number }[] = [];
    for (const { first, last } of [...intervals].sort((a, b) => a.first - b.first)) {
        const previous = merged.at(-1);
        if (previous && first <= previous.last + 1) previous.last = Math.max(previous.last, last);
        else merged.push({ first, last });
    }
    return merged;
}

/** The values of a level that are in none of these. */
export function allBut(level: number, intervals: readonly Interval[]): Interval[] {
    const rest: Interval[] = [];
    let next = 0;
    for (const { first, last } of intervals) {
        if (first > next) rest.push({ first: next, last: first - 1 });
        next = last + 1;
    }
    if (next <= lastOf(level)) rest.push({ first: next, last: lastOf(level) });
    return rest;
}

function inBoth(a: readonly Interval[], b: readonly Interval[]): Interval[] {
    const common: Interval[] = [];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
        const [x, y] = [a[i]!, b[j]!];
        const [first, last] = [Math.max(x.first, y.first), Math.min(x.last, y.last)];
        if (first <= last) common.push({ first, last });
        if (x.last < y.last) i++;
        else j++;
    }
    return common;
}

/** The first of them that is not 0, packet by packet. */
export function firstOf(diagrams: Diagrams, list: readonly Diagram[]): Diagram {
    return joinDiagrams(diagrams, orElse, list);
}
