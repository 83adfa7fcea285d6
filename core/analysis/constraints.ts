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
    const asked: Asked = { values: new Map(), addresses: new Map() };
    const packets: Diagram[] = [];
    for (const constraint of constraints) {
        if (constraint.kind === "packets") packets.push(constraint.packets);
        else if (!narrow(asked, constraint)) return 0;
    }
    let diagram = byLevel(diagrams, asked, kid);
    for (const some of packets) diagram = diagrams.combine(and, some, diagram);
    return diagram;
}

/** All that is asked of the fields of a packet, level by level. */
interface Asked {
    readonly values: Map<number, readonly Interval[]>;
    readonly addresses: Map<number, readonly AddressRange[]>;
}

/** False where nothing is left of some field. */
function narrow(asked: Asked, constraint: Exclude<Constraint, { kind: "packets" }>): boolean {
    if (constraint.kind === "values") return narrowValues(asked, constraint.level, constraint.intervals);
    const { level, family, ranges } = constraint;
    const before = asked.addresses.get(placeOf(level, family));
    asked.addresses.set(placeOf(level, family), before ? intersection(before, ranges) : ranges);
    return narrowValues(asked, LEVEL.family, family === 4 ? IPV4 : IPV6);
}

const IPV4: readonly Interval[] = [{ first: 0, last: 0 }];
const IPV6: readonly Interval[] = [{ first: 1, last: 1 }];

/** Of the addresses of a family at one end. */
const placeOf = (level: number, family: Family) => 2 * level + (family === 4 ? 0 : 1);

function narrowValues({ values }: Asked, level: number, intervals: readonly Interval[]): boolean {
    const before = values.get(level);
    const both = before ? inBoth(before, intervals) : intervals;
    values.set(level, both);
    return both.length > 0;
}

function byLevel(diagrams: Diagrams, { values, addresses }: Asked, kid: Diagram): Diagram {
    let diagram = kid;
    for (const level of [...values.keys()].filter((each) => each >= LEVEL.condition).sort((a, b) => b - a))
        diagram = at(diagrams, values, level, diagram);
    diagram = at(diagrams, values, LEVEL.sourcePort, diagram);
    const families = values.get(LEVEL.family);
    if (families) {
        const bottom = diagram;
        const ofFamily = (family: Family): Diagram => {
            const value = family === 4 ? 0 : 1;
            if (!families.some(({ first, last }) => first <= value && value <= last)) return 0;
            const far = addresses.get(placeOf(LEVEL.far, family));
            const own = addresses.get(placeOf(LEVEL.own, family));
            const people = far ? forAddresses(diagrams, LEVEL.far, family, far, bottom) : bottom;
            return own ? forAddresses(diagrams, LEVEL.own, family, own, people) : people;
        };
        diagram = byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
    }
    for (let level: number = LEVEL.interface; level >= LEVEL.protocol; level--)
        diagram = at(diagrams, values, level, diagram);
    return diagram;
}

function at(diagrams: Diagrams, values: Asked["values"], level: number, below: Diagram): Diagram {
    const intervals = values.get(level);
    return intervals && below !== 0 ? forIntervals(diagrams, level, intervals, below) : below;
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
        const x = a[i]!;
        const y = b[j]!;
        const first = Math.max(x.first, y.first);
        const last = Math.min(x.last, y.last);
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
