import fc from "fast-check";
import { addressLists, countLists } from "../../../../core/dialects/netcup/addressLists";
import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../../../../core/model/addresses";
import { parseAddressRange } from "../../../../core/model/parseAddress";
import { addressRange } from "../../arbitraries";

const [V4, V6] = [wholeFamily(4), wholeFamily(6)];

const spaces = fc.oneof(
    fc.constantFrom<AddressRange[]>([V4, V6], [V4], [V6], []),
    fc.array(addressRange, { maxLength: 3 }).map(mergeRanges),
    fc.array(addressRange, { maxLength: 2 }).map((ranges) => mergeRanges([V4, ...ranges])),
);
const families = fc.constantFrom<readonly Family[]>([4, 6], [4], [6]);

function rangeOf(text: string): AddressRange {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

function has(ranges: readonly AddressRange[], family: Family, address: bigint): boolean {
    return ranges.some((range) => range.family === family && range.first <= address && address <= range.last);
}

/** The ends of ranges, and what is beside them. */
function edges(ranges: readonly AddressRange[], family: Family): bigint[] {
    const { last } = wholeFamily(family);
    const own = ranges.filter((range) => range.family === family);
    const all = [0n, last, ...own.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n])];
    return all.filter((each) => each >= 0n && each <= last);
}

test("NC-21, NC-33: the lists say exactly from these to those, as the API takes them, and count what was said", () => {
    let pairs = 0;
    fc.assert(
        fc.property(spaces, spaces, families, (from, to, asked) => {
            const lists = addressLists(from, to, asked);
            const read = lists.map(
                ({ sources, destinations }) => [sources.map(rangeOf), destinations.map(rangeOf)] as const,
            );
            for (const family of asked)
                for (const source of edges(from, family))
                    for (const destination of edges(to, family)) {
                        pairs++;
                        const said = read.filter(
                            ([sources, destinations]) =>
                                (sources.length === 0 || has(sources, family, source)) &&
                                (destinations.length === 0 || has(destinations, family, destination)),
                        );
                        const isMeant = has(from, family, source) && has(to, family, destination);
                        if (said.length !== (isMeant ? 1 : 0))
                            throw new Error(`${source} -> ${destination} is said ${said.length} times`);
                    }
            for (const ends of read)
                for (const [one, other] of [ends, [ends[1], ends[0]] as const]) {
                    expect(one.length > 1 && other.length > 1).toBe(false);
                    expect(new Set(one.map(({ family }) => family)).size > 1 && other.length > 0).toBe(false);
                }
            const count = lists.reduce(
                (sum, { sources, destinations }) =>
                    sum + Math.max(1, sources.length) * Math.max(1, destinations.length),
                0,
            );
            expect(countLists(from, to, asked, Infinity)).toBe(count);
        }),
        { numRuns: 300 },
    );
    expect(pairs).toBeGreaterThan(2000);
});
