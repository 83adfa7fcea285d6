import type { Family } from "./addresses";
import { forEachPrefix, RangeGatherer, type RangeTable } from "./rangeTable";
import { add, bitLength, copyWords, fillLowest, increment, shiftLeft, shiftRight, subtract, type Words } from "./words";

/*
 * A large set in about 4 characters for an IPv4 address or prefix: for each of its prefixes, in order, how many bits are
 * free, and how many blocks of that size lie between it and the one before. Numbers are written as 5 bits a character, the
 * lowest first; IPv6 stands behind a dot. Not compressed by zlib, whose output differs from one machine to the next: in a
 * state that would be a change. Some addresses begin a line, whatever stands around them, about one of 256: so an entry more or
 * less changes one line or two, and these alone need to be sent.
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MORE = 32;
const LINE_BREAK = 10;

export function packTable(table: RangeTable): string {
    return `${packFamily(table, 4)}.${packFamily(table, 6)}`;
}

/** Throws where the text is none that `packTable` wrote. */
export function unpackTable(text: string): RangeTable {
    const families = text.replaceAll("\n", "").split(".");
    if (families.length !== 2) throw notPacked();
    const gatherer = new RangeGatherer();
    unpackFamily(families[0]!, 4, gatherer);
    unpackFamily(families[1]!, 6, gatherer);
    return gatherer.table();
}

function packFamily(table: RangeTable, family: Family): string {
    const { words } = table[family];
    const digits = new DigitWriter();
    const [last, blocks, free] = [new Uint32Array(words), new Uint32Array(words), new Uint32Array(1)];
    let begun = false;
    forEachPrefix(table[family], (address, freeBits) => {
        free[0] = freeBits;
        if (begun && beginsLine(address, words)) digits.breakLine();
        digits.write(free, 1);
        shiftRight(address, blocks, words, freeBits);
        if (begun) {
            shiftRight(last, last, words, freeBits);
            increment(last, 0, words);
            subtract(blocks, last, words);
        }
        digits.write(blocks, words);
        copyWords(address, 0, last, 0, words);
        fillLowest(last, 0, words, freeBits);
        begun = true;
    });
    return digits.text();
}

function beginsLine(address: Words, words: number): boolean {
    let hash = 0;
    for (let i = 0; i < words; i++) hash = Math.imul(hash ^ address[i]!, 0x9e3779b1);
    return hash >>> 24 === 0;
}

function unpackFamily(text: string, family: Family, gatherer: RangeGatherer): void {
    const words = family === 4 ? 1 : 4;
    const reader = new DigitReader(text);
    const [free, blocks] = [new Uint32Array(1), new Uint32Array(words)];
    const [first, last] = [new Uint32Array(words), new Uint32Array(words)];
    for (let begun = false; !reader.done(); begun = true) {
        reader.read(free, 1);
        const freeBits = free[0]!;
        if (freeBits > 32 * words) throw notPacked();
        reader.read(blocks, words);
        if (begun) {
            shiftRight(last, last, words, freeBits);
            if (!increment(last, 0, words) || !add(blocks, last, words)) throw notPacked();
        }
        if (!shiftLeft(blocks, first, words, freeBits)) throw notPacked();
        copyWords(first, 0, last, 0, words);
        fillLowest(last, 0, words, freeBits);
        gatherer.add(family, first, last);
    }
}

function notPacked(): Error {
    return new Error("the entries of an address set are damaged");
}

class DigitWriter {
    private bytes = Buffer.allocUnsafe(1024);
    private at = 0;

    write(words: Words, count: number): void {
        // The longest number is 128 bits; a line may end behind it.
        if (this.at + 32 > this.bytes.length) {
            const larger = Buffer.allocUnsafe(2 * this.bytes.length);
            this.bytes.copy(larger, 0, 0, this.at);
            this.bytes = larger;
        }
        const bits = bitLength(words, count);
        for (let bit = 0; bit === 0 || bit < bits; bit += 5) {
            const digit = fiveBits(words, count, bit) | (bit + 5 < bits ? MORE : 0);
            this.bytes[this.at++] = DIGITS.charCodeAt(digit);
        }
    }

    breakLine(): void {
        this.bytes[this.at++] = LINE_BREAK;
    }

    text(): string {
        return this.bytes.toString("latin1", 0, this.at);
    }
}

function fiveBits(words: Words, count: number, bit: number): number {
    const index = count - 1 - (bit >>> 5);
    const low = words[index]! >>> (bit & 31);
    const high = (bit & 31) > 27 && index > 0 ? words[index - 1]! << (32 - (bit & 31)) : 0;
    return (low | high) & 31;
}

const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS.charCodeAt(i)] = i;

class DigitReader {
    private at = 0;

    constructor(private readonly text: string) {}

    done(): boolean {
        return this.at >= this.text.length;
    }

    read(words: Words, count: number): void {
        words.fill(0);
        for (let bit = 0; ; bit += 5) {
            const digit = VALUES[this.text.charCodeAt(this.at++)] ?? -1;
            if (digit < 0 || bit >= 32 * count) throw notPacked();
            const [value, index, shift] = [digit & 31, count - 1 - (bit >>> 5), bit & 31];
            words[index] = (words[index]! | (value << shift)) >>> 0;
            const beyond = shift > 27 ? value >>> (32 - shift) : 0;
            if (beyond > 0 && index === 0) throw notPacked();
            if (beyond > 0) words[index - 1] = beyond;
            if (digit < MORE) return;
        }
    }
}
