/**
 * Addresses as 32-bit words, the highest first, at any place of an array: one word for IPv4, four for IPv6. A million of
 * them need neither a bigint nor an object each.
 */
export type Words = Uint32Array;

/** Below 0, 0 or above 0, as for `sort`. */
export function compareWords(a: Words, atA: number, b: Words, atB: number, count: number): number {
    for (let i = 0; i < count; i++) {
        const x = a[atA + i]!;
        const y = b[atB + i]!;
        if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
}

export function copyWords(from: Words, atFrom: number, to: Words, atTo: number, count: number): void {
    for (let i = 0; i < count; i++) to[atTo + i] = from[atFrom + i]!;
}

/** One more; false where there is no number above, and the words are 0 then. */
export function increment(words: Words, at: number, count: number): boolean {
    for (let i = at + count - 1; i >= at; i--) {
        const more = (words[i]! + 1) >>> 0;
        words[i] = more;
        if (more !== 0) return true;
    }
    return false;
}

/** One less; the number must be above 0. */
export function decrement(words: Words, at: number, count: number): void {
    for (let i = at + count - 1; i >= at; i--) {
        const before = words[i]!;
        words[i] = (before - 1) >>> 0;
        if (before !== 0) return;
    }
}

/** How many of the lowest bits are `bit`. */
export function lowestBits(words: Words, at: number, count: number, bit: 0 | 1): number {
    for (let i = count - 1; i >= 0; i--) {
        const word = bit === 0 ? words[at + i]! : ~words[at + i]! >>> 0;
        if (word !== 0) return 32 * (count - 1 - i) + 31 - Math.clz32(word & -word);
    }
    return 32 * count;
}

/** How many of the lowest bits hold all that two numbers differ in. */
export function differingBits(a: Words, atA: number, b: Words, atB: number, count: number): number {
    for (let i = 0; i < count; i++) {
        const different = a[atA + i]! ^ b[atB + i]!;
        if (different !== 0) return 32 * (count - i) - Math.clz32(different);
    }
    return 0;
}

/** Sets the lowest bits to 1. */
export function fillLowest(words: Words, at: number, count: number, bits: number): void {
    let left = bits;
    for (let i = at + count - 1; left > 0; i--, left -= 32)
        words[i] = left >= 32 ? 0xffffffff : (words[i]! | ((1 << left) - 1)) >>> 0;
}

/** The number without its lowest bits. */
export function shiftRight(from: Words, to: Words, count: number, bits: number): void {
    const [whole, rest] = [bits >>> 5, bits & 31];
    for (let i = count - 1; i >= 0; i--) {
        const low = wordAt(from, i - whole);
        const high = wordAt(from, i - whole - 1);
        to[i] = rest === 0 ? low : ((low >>> rest) | (high << (32 - rest))) >>> 0;
    }
}

/** The number with so many zeros behind it; false where it is too large for that. */
export function shiftLeft(from: Words, to: Words, count: number, bits: number): boolean {
    const [whole, rest] = [bits >>> 5, bits & 31];
    if (bits > 0 && bitLength(from, count) > 32 * count - bits) return false;
    for (let i = 0; i < count; i++) {
        const high = i + whole < count ? from[i + whole]! : 0;
        const low = i + whole + 1 < count ? from[i + whole + 1]! : 0;
        to[i] = rest === 0 ? high : ((high << rest) | (low >>> (32 - rest))) >>> 0;
    }
    return true;
}

function wordAt(words: Words, at: number): number {
    return at < 0 ? 0 : words[at]!;
}

/** Without leading zeros. */
export function bitLength(words: Words, count: number): number {
    for (let i = 0; i < count; i++) if (words[i] !== 0) return 32 * (count - i) - Math.clz32(words[i]!);
    return 0;
}

/** Takes `b` from `a`, which is not below it. */
export function subtract(a: Words, b: Words, count: number): void {
    for (let i = count - 1, borrow = 0; i >= 0; i--) {
        const difference = a[i]! - b[i]! - borrow;
        borrow = difference < 0 ? 1 : 0;
        a[i] = difference >>> 0;
    }
}

/** Adds `b` to `a`; false where the sum is too large. */
export function add(a: Words, b: Words, count: number): boolean {
    let carry = 0;
    for (let i = count - 1; i >= 0; i--) {
        const sum = a[i]! + b[i]! + carry;
        carry = sum > 0xffffffff ? 1 : 0;
        a[i] = sum >>> 0;
    }
    return carry === 0;
}
