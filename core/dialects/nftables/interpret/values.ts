import { difference } from "../../../analysis/addressAlgebra";
import type { Interfaces } from "../../../analysis/interfaces";
import { LEVEL } from "../../../analysis/packetFields";
import { type AddressRange, BITS, mergeRanges, wholeFamily } from "../../../model/addresses";
import { addressesOf, addressOf } from "./addressWords";
import type { Operator, Value } from "./ast";
import { allBut, type Constraint, type Interval, mergeIntervals } from "../../../analysis/constraints";
import type { Dimension } from "./fields";
import { type Names, numberOf, PORTS } from "./names";

/** A comparison of one field. */
export interface Comparison {
    readonly op: Operator;
    readonly values: readonly Value[];
    readonly mask?: readonly string[];
}

/** What a field must be for a comparison to hold; undefined where some word of it is not understood. */
export function compare(dimension: Dimension, comparison: Comparison, interfaces: Interfaces): Constraint | undefined {
    const { op, values, mask } = comparison;
    switch (dimension.kind) {
        case "numbers":
            return compareNumbers(dimension, comparison);
        case "ports": {
            if (mask) return undefined;
            const intervals = compareIntervals(dimension.level, op, readAll(values, portsOf));
            return intervals && { kind: "values", level: dimension.level, intervals };
        }
        case "interface": {
            if (mask || !isEquality(op)) return undefined;
            const found = readAll(values, (value) => interfacesOf(value, interfaces))?.flat();
            const intervals = found && mergeIntervals(found.map((each) => ({ first: each, last: each })));
            const level = LEVEL.interface;
            return (
                intervals && { kind: "values", level, intervals: op === "!=" ? allBut(level, intervals) : intervals }
            );
        }
        case "no interface":
            if (mask || !isEquality(op)) return undefined;
            return {
                kind: "values",
                level: LEVEL.interface,
                intervals: op === "!=" ? allBut(LEVEL.interface, []) : [],
            };
        case "addresses":
            return compareAddresses(dimension, comparison);
    }
}

function isEquality(op: Operator): boolean {
    return op === "in" || op === "==" || op === "!=";
}

/** Everything read, or nothing. */
function readAll<T>(values: readonly Value[], read: (value: Value) => T | undefined): T[] | undefined {
    const all: T[] = [];
    for (const value of values) {
        const one = read(value);
        if (one === undefined) return undefined;
        all.push(one);
    }
    return all;
}

type Numbers = Extract<Dimension, { kind: "numbers" }>;

function compareNumbers(dimension: Numbers, { op, values, mask }: Comparison): Constraint | undefined {
    const { level, numbers, names, bits } = dimension;
    const [first, ...more] = values;
    // As elements of long sets are: without asking of each number there is.
    const one =
        op === "==" && !mask && more.length === 0 && first?.kind === "word" ? numberOf(first.word, names) : undefined;
    if (one !== undefined) {
        const at = numbers.indexOf(one);
        return { kind: "values", level, intervals: at < 0 ? [] : [{ first: at, last: at }] };
    }
    const masked = mask === undefined ? ~0 : bitsOf(mask, names);
    const isIn = readAll(values, (value) => numbersOf(value, dimension));
    const all = values.length === 1 ? bitsOfValue(values[0]!, names) : undefined;
    if (masked === undefined || !isIn) return undefined;
    const holds = (number: number): boolean | undefined => {
        const seen = number & masked;
        if (op === "in" && bits && !mask && all !== undefined) return (seen & all) !== 0;
        if (op === "in" || op === "==") return isIn.some((each) => each(seen));
        if (op === "!=") return !isIn.some((each) => each(seen));
        if (all === undefined) return undefined;
        if (op === "!") return (seen & all) === 0;
        return { "<": seen < all, ">": seen > all, "<=": seen <= all, ">=": seen >= all }[op];
    };
    const held = numbers.map(holds);
    if (held.includes(undefined)) return undefined;
    const intervals = held.flatMap((holds, value) => (holds ? [{ first: value, last: value }] : []));
    return { kind: "values", level, intervals: mergeIntervals(intervals) };
}

function bitsOf(words: readonly string[], names: Names): number | undefined {
    const all = words.map((word) => numberOf(word, names));
    return all.includes(undefined) ? undefined : all.reduce<number>((sum, bit) => sum | bit!, 0);
}

function bitsOfValue(value: Value, names: Names): number | undefined {
    if (value.kind === "bits") return bitsOf(value.words, names);
    return value.kind === "word" ? numberOf(value.word, names) : undefined;
}

/** Is a number of this value? */
function numbersOf(value: Value, { names, bits }: Numbers): ((number: number) => boolean) | undefined {
    switch (value.kind) {
        case "rest":
            return () => true;
        case "bits": {
            // Of a field that has no bits, a list is a choice.
            if (!bits) {
                const some = value.words.map((word) => numberOf(word, names));
                return some.includes(undefined) ? undefined : (number) => some.includes(number);
            }
            const all = bitsOf(value.words, names);
            return all === undefined ? undefined : (number) => number === all;
        }
        case "range":
        case "word": {
            const range = numberRange(value, names);
            return range && ((number) => range.first <= number && number <= range.last);
        }
        default:
            return undefined;
    }
}

/** Names may hold dashes, and a range of two names one more: `echo-reply-echo-request`. */
function numberRange(value: Extract<Value, { kind: "word" | "range" }>, names: Names): Interval | undefined {
    if (value.kind === "range") return rangeOf(value.first, value.last, names);
    const number = numberOf(value.word, names);
    if (number !== undefined) return { first: number, last: number };
    for (let dash = value.word.indexOf("-"); dash > 0; dash = value.word.indexOf("-", dash + 1)) {
        const range = rangeOf(value.word.slice(0, dash), value.word.slice(dash + 1), names);
        if (range) return range;
    }
    return undefined;
}

function rangeOf(firstWord: string, lastWord: string, names: Names): Interval | undefined {
    const [first, last] = [numberOf(firstWord, names), numberOf(lastWord, names)];
    return first === undefined || last === undefined || first > last ? undefined : { first, last };
}

const LAST_PORT = 65535;

/** Port 0 goes with port 1, as everywhere: nobody can name it. */
function portsOf(value: Value): readonly Interval[] | undefined {
    if (value.kind === "rest") return [{ first: 0, last: LAST_PORT }];
    if (value.kind === "bits") {
        const all = readAll(
            value.words.map((word) => ({ kind: "word", word }) as const),
            portsOf,
        );
        return all?.flat();
    }
    if (value.kind !== "word" && value.kind !== "range") return undefined;
    const range = numberRange(value, PORTS);
    if (!range || range.last > LAST_PORT) return undefined;
    if (range.last === 0) return [];
    return [{ first: range.first <= 1 ? 0 : range.first, last: range.last }];
}

function compareIntervals(
    level: number,
    op: Operator,
    read: readonly (readonly Interval[])[] | undefined,
): readonly Interval[] | undefined {
    if (!read) return undefined;
    const intervals = mergeIntervals(read.flat());
    if (op === "in" || op === "==") return intervals;
    if (op === "!=") return allBut(level, intervals);
    const [only, more] = intervals;
    // An order is asked of one number, and that of port 0 is not known here.
    if (!only || more || op === "!") return undefined;
    const below = { first: 0, last: only.first - 1 };
    const above = { first: only.last + 1, last: LAST_PORT };
    const wanted = { "<": [below], ">": [above], "<=": [below, only], ">=": [only, above] }[op];
    return mergeIntervals(wanted.filter(({ first, last }) => first <= last));
}

function interfacesOf(value: Value, interfaces: Interfaces): readonly number[] | undefined {
    if (value.kind === "rest") return interfaces.names.map((_, index) => index);
    return value.kind === "word" && isInterfaceName(value.word) ? interfaces.valuesOf(value.word) : undefined;
}

/** A name, or a pattern: a star at the end. A backslash would make the star a letter. */
export function isInterfaceName(word: string): boolean {
    return /^[^\\*]*\*?$/.test(word) && word !== "";
}

function compareAddresses(
    { level, family }: Extract<Dimension, { kind: "addresses" }>,
    { op, values, mask }: Comparison,
): Constraint | undefined {
    if (!isEquality(op)) return undefined;
    const length = mask && prefixLength(mask, family);
    if (mask && length === undefined) return undefined;
    const read = readAll(values, (value): AddressRange | undefined => {
        if (value.kind === "rest") return wholeFamily(family);
        if (length === undefined) return addressesOf(value, family);
        if (value.kind !== "word") return undefined;
        const prefix = addressesOf({ kind: "prefix", address: value.word, length }, family);
        // A masked address never equals one that has bits outside of the mask.
        return prefix && prefix.first === addressOf(value.word, family) ? prefix : undefined;
    });
    if (!read) return undefined;
    const ranges = mergeRanges(read);
    const kind = "addresses";
    return { kind, level, family, ranges: op === "!=" ? difference([wholeFamily(family)], ranges) : ranges };
}

/** The length of a mask without holes. */
function prefixLength([word, ...more]: readonly string[], family: 4 | 6): number | undefined {
    const mask = word === undefined || more.length > 0 ? undefined : addressOf(word, family);
    if (mask === undefined) return undefined;
    const bits = BITS[family];
    const length = mask.toString(2).padStart(bits, "0").indexOf("0");
    const whole = length < 0 ? bits : length;
    return mask === ((1n << BigInt(whole)) - 1n) << BigInt(bits - whole) ? whole : undefined;
}
