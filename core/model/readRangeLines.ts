import type { AddressRange, Family } from "./addresses";
import { RangeGatherer, type RangeTable } from "./rangeTable";
import { compareWords, copyWords, fillLowest, lowestBits } from "./words";

/**
 * Reads addresses, prefixes and ranges, one a line. Lines in the usual forms are read here, for speed; `readOther` gets all
 * others (an error, an unusual form) with its index, and gives the range if it is one.
 *
 * @param comments whether the rest of a line from `#` or `;` on says nothing.
 */
export function readRangeLines(
    text: string,
    comments: boolean,
    readOther: (line: string, index: number) => AddressRange | undefined,
): RangeTable {
    const gatherer = new RangeGatherer();
    const reader = new LineReader(text, comments);
    for (let index = 0, start = 0; start <= text.length; index++) {
        if (reader.read(start)) gatherer.add(reader.family, reader.first, reader.last);
        const end = reader.at;
        if (!reader.understood) {
            const range = readOther(text.slice(start, end), index);
            if (range) gatherer.addRange(range);
        }
        start = end + 1;
    }
    return gatherer.table();
}

const code = (sign: string) => sign.charCodeAt(0);
const [TAB, NEWLINE, RETURN, SPACE] = [..."\t\n\r "].map(code);
const [HASH, SEMICOLON, SLASH, DASH, DOT, COLON, ZERO] = [..."#;/-.:0"].map(code) as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
];

/** Takes only what `parseAddressRange` takes too, and the same way; when in doubt, it does not understand. */
class LineReader {
    family: Family = 4;
    readonly first = new Uint32Array(4);
    readonly last = new Uint32Array(4);
    /** After `read`: the end of the line. */
    at = 0;
    /** Is the last line a range, or one that says nothing? */
    understood = true;

    constructor(
        private readonly text: string,
        private readonly comments: boolean,
    ) {}

    /** Is there a range in the line from `start` on? */
    read(start: number): boolean {
        this.at = start;
        this.skipBlanks();
        const silent = this.comments && this.atRest();
        const found = !silent && this.range() && (this.skipBlanks(), this.atRest());
        this.understood = silent || found;
        const end = this.text.indexOf("\n", this.at);
        this.at = end < 0 ? this.text.length : end;
        return found;
    }

    private code(): number {
        return this.at < this.text.length ? this.text.charCodeAt(this.at) : NEWLINE!;
    }

    private skip(sign: number): boolean {
        const found = this.code() === sign;
        if (found) this.at++;
        return found;
    }

    private skipBlanks(): void {
        for (let sign = this.code(); sign === SPACE || sign === TAB || sign === RETURN; sign = this.code()) this.at++;
    }

    private atRest(): boolean {
        const sign = this.code();
        return sign === NEWLINE || (this.comments && (sign === HASH || sign === SEMICOLON));
    }

    private range(): boolean {
        if (!this.address()) return false;
        const family = this.family;
        const words = family === 4 ? 1 : 4;
        copyWords(this.last, 0, this.first, 0, words);
        if (this.skip(SLASH)) {
            const length = this.decimal(128);
            const free = (family === 4 ? 32 : 128) - length;
            if (length < 0 || free < 0 || lowestBits(this.first, 0, words, 0) < free) return false;
            fillLowest(this.last, 0, words, free);
            return true;
        }
        const end = this.at;
        this.skipBlanks();
        if (!this.skip(DASH)) {
            this.at = end;
            return true;
        }
        this.skipBlanks();
        return this.address() && this.family === family && compareWords(this.first, 0, this.last, 0, words) <= 0;
    }

    /** Into `last`. */
    private address(): boolean {
        const start = this.at;
        if (this.dotted()) return true;
        this.at = start;
        return this.groups();
    }

    private dotted(): boolean {
        this.family = 4;
        let word = 0;
        for (let i = 0; i < 4; i++) {
            if (i > 0 && !this.skip(DOT)) return false;
            const byte = this.decimal(255);
            if (byte < 0) return false;
            word = word * 256 + byte;
        }
        this.last[0] = word;
        return true;
    }

    /** A number without leading zeros, or -1. */
    private decimal(highest: number): number {
        const { text, at: start } = this;
        let [at, value] = [start, 0];
        // Behind the end there is no code, and none is a digit.
        for (let digit = text.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - ZERO) {
            if (at - start === 3 || (at > start && value === 0)) return -1;
            value = value * 10 + digit;
            at++;
        }
        this.at = at;
        return at === start || value > highest ? -1 : value;
    }

    private groups(): boolean {
        this.family = 6;
        const groups = this.parts;
        let count = 0;
        let gap = -1;
        for (;;) {
            if (this.code() === COLON && this.text.charCodeAt(this.at + 1) === COLON) {
                if (gap >= 0) return false;
                gap = count;
                this.at += 2;
            } else if (count > 0 && count !== gap && !this.skip(COLON)) break;
            const group = this.hex();
            if (group < 0) {
                if (count === gap) break;
                return false;
            }
            if (count === 8) return false;
            groups[count++] = group;
        }
        if (gap < 0 ? count !== 8 : count > 7) return false;
        if (gap >= 0) {
            groups.copyWithin(8 - (count - gap), gap, count);
            groups.fill(0, gap, 8 - (count - gap));
        }
        for (let i = 0; i < 4; i++) this.last[i] = groups[2 * i]! * 65536 + groups[2 * i + 1]!;
        // IPv4 inside IPv6 (::ffff:0:0/96) is no address here.
        return this.last[0] !== 0 || this.last[1] !== 0 || this.last[2] !== 0xffff;
    }

    private readonly parts = new Uint16Array(8);

    /** One to four hexadecimal digits, or -1. */
    private hex(): number {
        const { text, at: start } = this;
        let [at, value] = [start, 0];
        for (let digit = hexDigit(text.charCodeAt(at)); digit >= 0; digit = hexDigit(text.charCodeAt(at))) {
            if (at - start === 4) return -1;
            value = value * 16 + digit;
            at++;
        }
        this.at = at;
        return at === start ? -1 : value;
    }
}

function hexDigit(sign: number): number {
    if (sign >= 48 && sign <= 57) return sign - 48;
    const lower = sign | 32;
    return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
