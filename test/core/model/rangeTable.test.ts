import fc from "fast-check";
import { difference } from "../../../core/analysis/addressAlgebra";
import { readAddressFile } from "../../../core/model/addressFile";
import {
    type AddressRange,
    BITS,
    type Family,
    formatAddress,
    formatPrefix,
    mergeRanges,
    toPrefixes,
} from "../../../core/model/addresses";
import { packTable, unpackTable } from "../../../core/model/packedTable";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { prefixText } from "../../../core/model/prefixText";
import { differenceOf, rangesOf, tableOf, unionOf } from "../../../core/model/rangeTable";
import { readRangeLines } from "../../../core/model/readRangeLines";
import { addressRange } from "../arbitraries";

const many = fc.array(addressRange, { maxLength: 40 });

/** The simple way: with bigints, one by one. */
const linesOf = (ranges: readonly AddressRange[]) => toPrefixes(ranges).map(formatPrefix).join("\n");
const textOf = (ranges: readonly AddressRange[]) => prefixText(tableOf([...ranges])).lines.toString();

describe("a table of ranges", () => {
    test("is what merging says", () => {
        fc.assert(
            fc.property(many, (ranges) => expect(rangesOf(tableOf(ranges))).toEqual(mergeRanges(ranges))),
            { numRuns: 500 },
        );
    });

    test("writes the fewest prefixes, as they are written one by one", () => {
        fc.assert(
            fc.property(many, (ranges) => {
                expect(textOf(ranges)).toBe(linesOf(ranges));
                expect(prefixText(tableOf(ranges)).count).toBe(toPrefixes(ranges).length);
            }),
            { numRuns: 500 },
        );
    });

    test("joins and takes away as the algebra of single ranges does", () => {
        fc.assert(
            fc.property(many, many, (a, b) => {
                expect(rangesOf(unionOf([tableOf(a), tableOf(b)]))).toEqual(mergeRanges([...a, ...b]));
                const expected = difference(mergeRanges(a), mergeRanges(b));
                expect(rangesOf(differenceOf(tableOf(a), tableOf(b)))).toEqual(expected);
            }),
            { numRuns: 500 },
        );
    });

    test("takes away at both ends of the address space", () => {
        const read = (text: string) => readRangeLines(text, false, () => undefined);
        const without = (a: string, b: string) => prefixText(differenceOf(read(a), read(b))).lines.toString();
        expect(without("0.0.0.0/0\n::/0", "0.0.0.0/0\n::/0")).toBe("");
        expect(without("0.0.0.0/0", "0.0.0.0\n255.255.255.255").split("\n")).toHaveLength(62);
        expect(without("255.255.255.254/31", "255.255.255.255")).toBe("255.255.255.254");
        expect(without("::/127", "::")).toBe("::1");
    });

    test("is in order by every byte, for so many ranges that they are sorted by bytes", () => {
        const range = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
        fc.assert(
            fc.property(fc.array(range, { minLength: 300, maxLength: 600 }), (addresses) => {
                const ranges = addresses.map((address): AddressRange => ({ family: 6, first: address, last: address }));
                expect(rangesOf(tableOf(ranges))).toEqual(mergeRanges(ranges));
            }),
            { numRuns: 20 },
        );
    });
});

describe("a packed table", () => {
    test("comes back", () => {
        fc.assert(
            fc.property(many, (ranges) => {
                const table = tableOf(ranges);
                expect(rangesOf(unpackTable(packTable(table)))).toEqual(rangesOf(table));
            }),
            { numRuns: 500 },
        );
    });

    test("keeps its lines but two or three where an entry comes", () => {
        const entry = fc.tuple(fc.boolean(), fc.bigInt(0n, 2n ** 32n - 1n));
        const numbers = fc.uniqueArray(entry, { minLength: 2000, maxLength: 5000, selector: String });
        const pack = (all: readonly (readonly [boolean, bigint])[]) => {
            const ranges = all.map(([six, n]): AddressRange => {
                const first = six ? n << 96n : n;
                return { family: six ? 6 : 4, first, last: first };
            });
            return packTable(tableOf(mergeRanges(ranges))).split("\n");
        };
        fc.assert(
            fc.property(numbers, ([one, ...others]) => {
                const before = pack(others);
                const after = pack([one!, ...others]);
                expect(before.length).toBeGreaterThan(2);
                const kept = new Set(before);
                expect(after.filter((line) => !kept.has(line)).length).toBeLessThan(4);
            }),
            { numRuns: 20 },
        );
    });

    test("of any other text is an error or a table", () => {
        const digits = fc.string({ unit: fc.constantFrom(..."ABCgh56-_.,~ "), maxLength: 60 });
        fc.assert(
            fc.property(fc.oneof(digits, fc.string()), (text) => {
                try {
                    const table = unpackTable(text);
                    expect(rangesOf(table)).toEqual(mergeRanges(rangesOf(table)));
                } catch (error) {
                    expect(String(error)).toBe("Error: the entries of an address set are damaged");
                }
            }),
            { numRuns: 2000 },
        );
    });
});

/** Text near an address: most of it is none, or none of the usual form. */
const nearlyAddress = (() => {
    const part = fc.oneof(
        fc.constantFrom(
            "",
            ".",
            ":",
            "::",
            "/",
            "-",
            " ",
            "\t",
            "0",
            "00",
            "1",
            "10.0.0.1",
            "192.0.2.0",
            "255",
            "256",
            "24",
        ),
        fc.constantFrom(
            "32",
            "128",
            "129",
            "2001:db8",
            "ffff",
            "fffff",
            "FFFF",
            "::ffff:1.2.3.4",
            "::ffff:1:2",
            "e",
            "g",
            "\r",
        ),
        fc.constantFrom("1:2:3:4:5:6:7:8", "#", ";", "%eth0", "[", "+1", "\u00a0", "\ufeff", "\u0660"),
        fc.nat(300).map(String),
        fc.nat(70000).map((number) => number.toString(16)),
    );
    return fc.array(part, { maxLength: 9 }).map((parts) => parts.join(""));
})();

const anyForm = fc.oneof(
    nearlyAddress,
    fc.tuple(addressRange, fc.boolean()).map(([range, upper]) => {
        const text = formatPrefix(toPrefixes([range])[0]!);
        return upper ? text.toUpperCase() : text;
    }),
    addressRange.map(({ family, first, last }) => `${formatAddress(family, first)} - ${formatAddress(family, last)}`),
    addressRange.map(({ family, first }) => fullText(family, first)),
);

function fullText(family: Family, address: bigint): string {
    if (family === 4) return formatAddress(4, address);
    return address
        .toString(16)
        .padStart(BITS[6] / 4, "0")
        .match(/.{4}/g)!
        .join(":");
}

describe("lines of addresses", () => {
    test("are read as each of them by itself, in the usual forms without asking", () => {
        fc.assert(
            fc.property(fc.array(anyForm, { minLength: 1, maxLength: 5 }), (lines) => {
                const byItself = lines.map((line) => parseAddressRange(line.trim()));
                const ranges = byItself.flatMap((parsed) => ("range" in parsed ? [parsed.range] : []));
                const asked: number[] = [];
                const table = readRangeLines(lines.join("\n"), false, (line, index) => {
                    expect(line).toBe(lines[index]);
                    asked.push(index);
                    const parsed = parseAddressRange(line.trim());
                    return "range" in parsed ? parsed.range : undefined;
                });
                expect(rangesOf(table)).toEqual(mergeRanges(ranges));
                byItself.forEach((parsed, index) => "problem" in parsed && expect(asked).toContain(index));
            }),
            { numRuns: 3000 },
        );
    });

    test("in canonical form are never asked for", () => {
        fc.assert(
            fc.property(many, (ranges) => {
                const text = linesOf(ranges);
                if (text === "") return;
                const never = () => {
                    throw new Error("asked");
                };
                expect(rangesOf(readRangeLines(text, false, never))).toEqual(mergeRanges(ranges));
            }),
        );
    });
});

describe("a file of addresses", () => {
    const read = (text: string) => {
        const { lines, problems } = readAddressFile(text, "list.txt");
        return { lines: lines.split("\n").filter(Boolean), problems: problems.map(({ message }) => message) };
    };

    test("may have the forms of public block lists", () => {
        const text = [
            "; Spamhaus DROP List 2026/11/26",
            "# a comment",
            "",
            "   ",
            "192.0.2.0/25 ; SBL123",
            "192.0.2.128/25\t# the other half",
            "198.51.100.7\r",
            " 203.0.113.1 - 203.0.113.2 ",
            "2001:DB8::/32;SBL4",
            "2001:0db8:0000:0000:0000:0000:0000:0001",
            "\t;",
            "",
        ];
        const canonical = ["192.0.2.0/24", "198.51.100.7", "203.0.113.1", "203.0.113.2", "2001:db8::/32"];
        expect(read(text.join("\n"))).toEqual({ lines: canonical, problems: [] });
        expect(read(text.join("\r\n"))).toEqual({ lines: canonical, problems: [] });
        expect(read("\ufeff192.0.2.1\n# caf\u00e9 \u2603").lines).toEqual(["192.0.2.1"]);
        expect(read("")).toEqual({ lines: [], problems: [] });
    });

    test("names each line that is none, and counts what comes after ten", () => {
        const { problems } = read(
            ["192.0.2.1", "example.com", "192.0.2.1/24 # ours", "192.0.2.9-192.0.2.1"].join("\n"),
        );
        expect(problems).toEqual([
            expect.stringMatching(/^VF001 list\.txt line 2: "example\.com" is not an address\./),
            expect.stringMatching(/^VF002 list\.txt line 3: "192\.0\.2\.1\/24" has host bits set\./),
            expect.stringMatching(/^VF004 list\.txt line 4: /),
        ]);
        const binary = read("\u0000\u001b[2J\u202e\n".repeat(5000) + "x".repeat(1_000_000)).problems;
        expect(binary).toHaveLength(11);
        expect(binary[10]).toMatch(/^VF043 list\.txt: 4991 more entries can't be read\./);
        for (const message of binary) expect(message).toMatch(/^[\x20-\x7e]{1,500}$/);
    });

    test("of a million lines, in the time of a breath", () => {
        const line = (i: number) =>
            `${10 + (i >> 20)}.${(i >> 12) & 255}.${(i >> 4) & 255}.${(i & 15) * 16 + 1} ; ${i}`;
        const text = Array.from({ length: 1_000_000 }, (_, i) => line((i * 7919) % 1_000_000)).join("\n");
        const began = Date.now();
        expect(read(text).lines).toHaveLength(1_000_000);
        // Half a second by itself; the machine may do other things beside.
        expect(Date.now() - began).toBeLessThan(15_000);
    });
});
