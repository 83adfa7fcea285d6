import fc from "fast-check";
import {
    type AddressRange,
    BITS,
    formatAddress,
    formatPrefix,
    mergeRanges,
    prefixToRange,
    toPrefixes,
} from "../../../core/model/addresses";
import { parseAddressRange } from "../../../core/model/parseAddress";
import { mergePorts } from "../../../core/model/ports";
import { addressRange } from "../arbitraries";

function read(text: string): AddressRange | string {
    const parsed = parseAddressRange(text, "templates[0].rules.ssh.from");
    return "range" in parsed ? parsed.range : parsed.problem.message;
}

/** Ranges within 192.0.2.0/24, small enough to count every address. */
const BLOCK = 0xc0000200n;
const smallRange = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]): AddressRange => {
    return { family: 4, first: BLOCK + BigInt(Math.min(a, b)), last: BLOCK + BigInt(Math.max(a, b)) };
});
const smallRanges = fc.array(smallRange, { maxLength: 6 });

/** Which of the 256 addresses the ranges hold. */
function members(ranges: readonly AddressRange[]): boolean[] {
    const hosts = Array.from({ length: 256 }, (_, host) => BLOCK + BigInt(host));
    return hosts.map((address) => ranges.some(({ first, last }) => first <= address && address <= last));
}

/** The least number of aligned blocks that hold exactly these members, by trying every way to halve. */
function fewestBlocks(held: readonly boolean[]): number {
    if (!held.includes(true)) return 0;
    if (!held.includes(false)) return 1;
    const half = held.length / 2;
    return fewestBlocks(held.slice(0, half)) + fewestBlocks(held.slice(half));
}

describe("address ranges", () => {
    test("merged hold the same addresses, sorted, with a gap between any two", () => {
        fc.assert(
            fc.property(smallRanges, (ranges) => {
                const merged = mergeRanges(ranges);
                expect(members(merged)).toEqual(members(ranges));
                merged.slice(1).forEach(({ first }, i) => expect(first).toBeGreaterThan(merged[i]!.last + 1n));
            }),
        );
    });

    test("of two families are never merged, IPv4 first", () => {
        fc.assert(
            fc.property(fc.array(addressRange), (ranges) => {
                const merged = mergeRanges(ranges);
                for (const family of [4, 6] as const) {
                    const own = (list: readonly AddressRange[]) => list.filter((range) => range.family === family);
                    expect(own(merged)).toEqual(mergeRanges(own(ranges)));
                }
                const families = merged.map(({ family }) => family);
                expect(families).toEqual([...families].sort());
            }),
        );
    });

    test("become the fewest prefixes that hold the same addresses", () => {
        fc.assert(
            fc.property(smallRanges, (ranges) => {
                const prefixes = toPrefixes(ranges);
                expect(members(prefixes.map(prefixToRange))).toEqual(members(ranges));
                expect(prefixes).toHaveLength(fewestBlocks(members(ranges)));
            }),
        );
    });

    test("of any size come back from their prefixes, each of them aligned", () => {
        fc.assert(
            fc.property(fc.array(addressRange, { maxLength: 4 }), (ranges) => {
                const prefixes = toPrefixes(ranges);
                expect(mergeRanges(prefixes.map(prefixToRange))).toEqual(mergeRanges(ranges));
                for (const { family, address, length } of prefixes)
                    expect(address % (1n << BigInt(BITS[family] - length))).toBe(0n);
            }),
        );
    });

    test("are read back from the text of their prefixes and from their ends", () => {
        fc.assert(
            fc.property(addressRange, (range) => {
                const texts = toPrefixes([range]).map(formatPrefix);
                expect(mergeRanges(texts.map(read) as AddressRange[])).toEqual([range]);
                const { family, first, last } = range;
                expect(read(`${formatAddress(family, first)} - ${formatAddress(family, last)}`)).toEqual(range);
            }),
        );
    });
});

describe("an address as text", () => {
    test.each([
        ["192.0.2.1", "192.0.2.1"],
        ["0.0.0.0/0", "0.0.0.0/0"],
        ["192.0.2.1/32", "192.0.2.1"],
        ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
        ["2001:db8::1/128", "2001:db8::1"],
        ["fe80::/10", "fe80::/10"],
        ["::", "::"],
        ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ])("%s reads %s", (text, canonical) => {
        const parsed = read(text);
        expect(typeof parsed === "string" ? parsed : toPrefixes([parsed]).map(formatPrefix)).toEqual([canonical]);
    });

    test.each([
        ["010.0.0.1", "leading zeros are octal to some readers"],
        ["10.1", "short forms mean 10.0.0.1 to some readers"],
        ["0x0a000001", "hexadecimal"],
        ["167772161", "one number"],
        ["256.0.0.1", "a part above 255"],
        ["192.0.2.1 ", "blanks"],
        ["::ffff:1.2.3.4", "IPv4 inside IPv6"],
        ["64:ff9b::1.2.3.4", "a dotted tail"],
        ["fe80::1%eth0", "a zone"],
        ["1::2::3", "two gaps"],
        ["[2001:db8::1]", "brackets"],
        ["1.2.3.4/33", "a length above 32"],
        ["2001:db8::/129", "a length above 128"],
        ["1.2.3.4/032", "a length with leading zeros"],
        ["1.2.3.4/", "no length"],
        ["1.2.3.0/255.255.255.0", "a mask"],
        ["1.2.3.0/-1", "a negative length"],
        ["1.2.3.0/24/24", "two lengths"],
        ["1.2.3.4-", "half a range"],
        ["1.2.3.0/24-1.2.4.0/24", "a range of prefixes"],
        ["example.com", "a host name"],
        ["any", "another word for anywhere"],
    ])("%s is refused: %s", (text) => {
        expect(read(text)).toMatch(
            /^VF001 ".*" is not an address\. Write an address \(192\.0\.2\.1, 2001:db8::1\), a prefix/,
        );
    });

    test.each([
        ["192.0.2.1/24", '"192.0.2.0/24"', '"192.0.2.1"'],
        ["10.0.0.1/0", '"0.0.0.0/0"', '"10.0.0.1"'],
        ["2001:db8::1/64", '"2001:db8::/64"', '"2001:db8::1"'],
    ])("%s has host bits set, and both repairs are proposed", (text, prefix, address) => {
        expect(read(text)).toBe(
            `VF002 "${text}" has host bits set. Write ${prefix} for the network, or ${address} for the one address.`,
        );
    });

    test("a range that runs backwards is proposed the other way round", () => {
        expect(read("192.0.2.9 - 192.0.2.1")).toBe(
            'VF004 the range "192.0.2.9 - 192.0.2.1" runs backwards. Write "192.0.2.1-192.0.2.9".',
        );
    });

    test("a range has one family", () => {
        expect(read("192.0.2.9-2001:db8::1")).toMatch(/^VF005 .* Write one range for each family\.$/);
    });
});

describe("port ranges", () => {
    test("merged hold the same ports, sorted, with a gap between any two", () => {
        const range = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(10)).map(([first, more]) => {
            return { first, last: first + more };
        });
        fc.assert(
            fc.property(fc.array(range), (ranges) => {
                const merged = mergePorts(ranges);
                for (let port = 0; port <= 60; port++) {
                    const holds = (list: typeof ranges) => list.some((r) => r.first <= port && port <= r.last);
                    expect(holds(merged)).toBe(holds(ranges));
                }
                merged.slice(1).forEach(({ first }, i) => expect(first).toBeGreaterThan(merged[i]!.last + 1));
            }),
        );
    });
});
