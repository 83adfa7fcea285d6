import type { AddressRange, Family } from "../model/addresses";
import type { PortRange } from "../model/ports";
import { type Diagram, type Diagrams, TooMuchWork } from "./diagram";

/**
 * The fields of a packet in the order in which diagrams ask them: small domains first, which keeps diagrams small. An
 * address takes one level for each 32 bits. Below all of them, one level for each condition that is not a field of a
 * packet: 1 where it holds (a value that is not known yet is there, a rate limit has room left, ...).
 */
export const LEVEL = {
    protocol: 0,
    /** The ICMP type, or the flags of TCP as the byte of its header. */
    detail: 1,
    icmpCode: 2,
    /** An index of `STATES`. */
    state: 3,
    destinationPort: 4,
    /** The interface by which it comes or goes: a value of `Interfaces`. */
    interface: 5,
    family: 6,
    /** The server's own address. */
    own: 7,
    /** The address at the other end. */
    far: 11,
    sourcePort: 15,
    condition: 16,
} as const;

/** Numbers of the protocols that have a name (IANA "Protocol Numbers"). */
export const PROTOCOL_NUMBERS = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;

/** What connection tracking says of a packet. `new` is what exposures are about. */
export const STATES = ["new", "related", "established", "invalid", "untracked"] as const;

/** The largest value of each level's field. */
export function lastOf(level: number): number {
    return level < LEVEL.condition ? LAST[level]! : 1;
}

/** One level for each condition by its name, the same wherever it stands. */
export type ConditionLevels = (name: string) => number;

/** Diagrams are walked as deep as there are levels, and the stack ends at some thousands. */
const MOST_CONDITIONS = 2000;

/**
 * `levels` is filled with the conditions that were asked for, in the order of their levels. The function throws TooMuchWork
 * where they are too many.
 */
export function openConditions(levels = new Map<string, number>()): ConditionLevels {
    return (name) => {
        const before = levels.get(name);
        if (before !== undefined) return before;
        if (levels.size === MOST_CONDITIONS) throw new TooMuchWork(`more than ${MOST_CONDITIONS} conditions`);
        const level = LEVEL.condition + levels.size;
        levels.set(name, level);
        return level;
    };
}

const LAST_BYTE = 255;
const LAST_PORT = 65535;
const LAST_WORD = 2 ** 32 - 1;
const LAST = new Uint32Array(LEVEL.condition).fill(LAST_BYTE, 0, LEVEL.own).fill(LAST_WORD, LEVEL.own);
LAST[LEVEL.state] = STATES.length - 1;
LAST[LEVEL.destinationPort] = LAST[LEVEL.sourcePort] = LAST_PORT;
LAST[LEVEL.family] = 1;

export interface Interval {
    readonly first: number;
    readonly last: number;
    readonly kid: Diagram;
}

/** 0 for the values that are in no interval. Intervals are in order and do not overlap. */
export function byInterval(diagrams: Diagrams, level: number, intervals: readonly Interval[]): Diagram {
    const tops: number[] = [];
    const kids: Diagram[] = [];
    let next = 0;
    for (const { first, last, kid } of intervals) {
        if (first > next) {
            tops.push(first - 1);
            kids.push(0);
        }
        tops.push(last);
        kids.push(kid);
        next = last + 1;
    }
    if (next <= lastOf(level)) {
        tops.push(lastOf(level));
        kids.push(0);
    }
    return diagrams.node(level, tops, kids);
}

interface Ends {
    readonly first: number;
    readonly last: number;
}

/** `kid` for the values in these intervals (in order, apart), else 0. */
export function forIntervals(diagrams: Diagrams, level: number, intervals: readonly Ends[], kid: Diagram): Diagram {
    if (intervals.length === 1) return diagrams.interval(level, intervals[0]!.first, intervals[0]!.last, kid);
    return byInterval(
        diagrams,
        level,
        intervals.map(({ first, last }) => ({ first, last, kid })),
    );
}

/** `kid` for these values (in order, each once), else 0. */
export function forValues(diagrams: Diagrams, level: number, values: readonly number[], kid: Diagram): Diagram {
    if (values.length === 1) return diagrams.interval(level, values[0]!, values[0]!, kid);
    return byValue(
        diagrams,
        level,
        values.map((value) => [value, kid]),
    );
}

/** A kid for each of some values (in order, each once), 0 for all others. */
export function byValue(diagrams: Diagrams, level: number, kids: readonly (readonly [number, Diagram])[]): Diagram {
    return byInterval(
        diagrams,
        level,
        kids.map(([value, kid]) => ({ first: value, last: value, kid })),
    );
}

/** Nobody can name port 0, so it goes with port 1. */
export function forPorts(diagrams: Diagrams, level: number, ranges: readonly PortRange[], kid: Diagram): Diagram {
    const withZero = ranges[0]?.first === 1 ? [{ first: 0, last: ranges[0].last }, ...ranges.slice(1)] : ranges;
    return forIntervals(diagrams, level, withZero, kid);
}

/** `kids[0]` for IPv4, `kids[1]` for IPv6. */
export function byFamily(diagrams: Diagrams, kids: readonly [Diagram, Diagram]): Diagram {
    return diagrams.node(LEVEL.family, [0, 1], kids);
}

export const wordsOf = (family: Family) => (family === 4 ? 1 : 4);

/** The value of one level of an address, the highest word first; 0 beyond its last. */
export function wordAt(address: bigint, family: Family, index: number): number {
    const below = wordsOf(family) - 1 - index;
    return below < 0 ? 0 : Number(BigInt.asUintN(32, address >> BigInt(32 * below)));
}

/** `kid` for the addresses of a family in `ranges` (merged), else 0. */
export function forAddresses(
    diagrams: Diagrams,
    level: number,
    family: Family,
    ranges: readonly AddressRange[],
    kid: Diagram,
): Diagram {
    const own =
        ranges.length === 1 && ranges[0]!.family === family ? ranges : ranges.filter((r) => r.family === family);
    return forWords(diagrams, level, wordsOf(family), own, kid);
}

type WideEnds = Pick<AddressRange, "first" | "last">;

/** Ranges of numbers of so many words, the highest first: a range is cut where its highest word changes. */
function forWords(
    diagrams: Diagrams,
    level: number,
    words: number,
    ranges: readonly WideEnds[],
    kid: Diagram,
): Diagram {
    if (words === 1) {
        const intervals = ranges.map(({ first, last }) => ({ first: Number(first), last: Number(last) }));
        return forIntervals(diagrams, level, intervals, kid);
    }
    const shift = BigInt(32 * (words - 1));
    const mask = (1n << shift) - 1n;
    const only = ranges.length === 1 ? ranges[0]! : undefined;
    if (only && only.first >> shift === only.last >> shift) {
        const word = Number(only.first >> shift);
        const below = { first: only.first & mask, last: only.last & mask };
        const isWhole = below.first === 0n && below.last === mask;
        const under = isWhole ? kid : forWords(diagrams, level + 1, words - 1, [below], kid);
        return diagrams.interval(level, word, word, under);
    }
    const segments: { first: number; last: number; within: WideEnds[] | undefined }[] = [];
    const addPart = (word: number, first: bigint, last: bigint) => {
        const previous = segments.at(-1);
        if (previous?.within && previous.first === word) previous.within.push({ first, last });
        else segments.push({ first: word, last: word, within: [{ first, last }] });
    };
    for (const { first, last } of ranges) {
        let from = Number(first >> shift);
        let to = Number(last >> shift);
        const low = first & mask;
        const high = last & mask;
        if (from === to && (low > 0n || high < mask)) {
            addPart(from, low, high);
            continue;
        }
        if (low > 0n) addPart(from++, low, mask);
        const rest = high < mask ? to-- : undefined;
        if (from <= to) segments.push({ first: from, last: to, within: undefined });
        if (rest !== undefined) addPart(rest, 0n, high);
    }
    const intervals = segments.map(({ first, last, within }) => ({
        first,
        last,
        kid: within ? forWords(diagrams, level + 1, words - 1, within, kid) : kid,
    }));
    return byInterval(diagrams, level, intervals);
}

/** The addresses of a family by what they lead to: each diagram below once, with all of its ranges, in order. */
export function addressesByKid(
    diagrams: Diagrams,
    diagram: Diagram,
    level: number,
    family: Family,
): Map<Diagram, AddressRange[]> {
    const found = new Map<Diagram, AddressRange[]>();
    const add = (first: bigint, last: bigint, kid: Diagram) => {
        const ranges = found.get(kid);
        const previous = ranges?.at(-1);
        if (!ranges || !previous) found.set(kid, [{ family, first, last }]);
        else if (previous.last + 1n === first) ranges[ranges.length - 1] = { family, first: previous.first, last };
        else ranges.push({ family, first, last });
    };
    const visit = (each: Diagram, word: number, prefix: bigint) => {
        const words = wordsOf(family) - word;
        const shift = BigInt(32 * (words - 1));
        for (const { first, last, kid } of diagrams.pieces(each, level + word)) {
            const isLast = words === 1;
            const from = prefix + (isLast ? BigInt(first) : BigInt(first) << shift);
            const to = prefix + (isLast ? BigInt(last) : (BigInt(last + 1) << shift) - 1n);
            if (diagrams.levelOf(kid) >= level + wordsOf(family)) add(from, to, kid);
            // Ranges of addresses never leave a word open and then ask the next, so this is a value for each range.
            else
                for (let value = first; value <= last; value++) visit(kid, word + 1, prefix + (BigInt(value) << shift));
        }
    };
    visit(diagram, 0, 0n);
    return found;
}
