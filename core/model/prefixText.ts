import { forEachPrefix, type RangeTable } from "./rangeTable";
import type { Words } from "./words";

/** The canonical prefixes of a table, a line each and none at the end, and how many they are. */
export interface PrefixText {
    readonly lines: Buffer;
    readonly count: number;
}

/** As `formatPrefix` writes each. */
export function prefixText(table: RangeTable): PrefixText {
    const writer = new PrefixWriter();
    forEachPrefix(table[4], (address, free) => writer.write(4, address, 32 - free));
    forEachPrefix(table[6], (address, free) => writer.write(6, address, 128 - free));
    return writer.text();
}

const LONGEST_LINE = "\n0000:0000:0000:0000:0000:0000:0000:0000/128".length;
const [NEWLINE, DOT, SLASH, COLON] = [..."\n./:"].map((sign) => sign.charCodeAt(0)) as [number, number, number, number];
const HEX = Buffer.from("0123456789abcdef");

class PrefixWriter {
    private bytes = Buffer.allocUnsafe(4096);
    private at = 0;
    private count = 0;

    write(family: 4 | 6, address: Words, length: number): void {
        if (this.at + LONGEST_LINE > this.bytes.length) {
            const larger = Buffer.allocUnsafe(2 * this.bytes.length);
            this.bytes.copy(larger, 0, 0, this.at);
            this.bytes = larger;
        }
        if (this.count++ > 0) this.put(NEWLINE);
        if (family === 4) this.dotted(address[0]!);
        else this.groups(address);
        if (length === (family === 4 ? 32 : 128)) return;
        this.put(SLASH);
        this.decimal(length);
    }

    text(): PrefixText {
        return { lines: this.bytes.subarray(0, this.at), count: this.count };
    }

    private put(byte: number): void {
        this.bytes[this.at++] = byte;
    }

    /** At most three digits. */
    private decimal(value: number): void {
        if (value >= 100) this.put(48 + ((value / 100) | 0));
        if (value >= 10) this.put(48 + (((value / 10) | 0) % 10));
        this.put(48 + (value % 10));
    }

    private dotted(word: number): void {
        this.decimal(word >>> 24);
        this.put(DOT);
        this.decimal((word >>> 16) & 255);
        this.put(DOT);
        this.decimal((word >>> 8) & 255);
        this.put(DOT);
        this.decimal(word & 255);
    }

    /** RFC 5952: the first longest run of two or more zeros is left out. */
    private groups(address: Words): void {
        const { first, size } = longestZeros(address);
        for (let i = 0; i < 8; i++) {
            if (i === first) {
                this.put(COLON);
                this.put(COLON);
                i += size - 1;
                continue;
            }
            if (i > 0 && i !== first + size) this.put(COLON);
            this.hex(groupOf(address, i));
        }
    }

    private hex(group: number): void {
        if (group >= 0x1000) this.put(HEX[group >>> 12]!);
        if (group >= 0x100) this.put(HEX[(group >>> 8) & 15]!);
        if (group >= 0x10) this.put(HEX[(group >>> 4) & 15]!);
        this.put(HEX[group & 15]!);
    }
}

function groupOf(address: Words, index: number): number {
    return (address[index >> 1]! >>> (index % 2 === 0 ? 16 : 0)) & 0xffff;
}

function longestZeros(address: Words): { first: number; size: number } {
    let longest = { first: 8, size: 1 };
    for (let start = 0; start < 8; start++) {
        let end = start;
        while (end < 8 && groupOf(address, end) === 0) end++;
        if (end - start > longest.size) longest = { first: start, size: end - start };
        if (end > start) start = end;
    }
    return longest;
}
