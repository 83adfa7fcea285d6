import fc from "fast-check";
import { difference } from "../../../core/analysis/addressAlgebra";
import { proveReachable } from "../../../core/analysis/lockout";
import { exposure } from "../../../core/analysis/exposure";
import { type AddressRange, formatAddress, mergeRanges } from "../../../core/model/addresses";
import { entriesOf, restoreSet, storeSet } from "../../../core/model/addressSets";
import { checkPolicy } from "../../../core/model/checkPolicy";
import { checkSets, travelling } from "../../../core/model/checkSets";
import { NOT_KNOWN_YET } from "../../../core/model/formatRule";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { NamedSet } from "../../../core/model/policy";
import { addressRange } from "../arbitraries";

const textOf = ({ family, first, last }: AddressRange) =>
    `${formatAddress(family, first)}-${formatAddress(family, last)}`;

function check(raw: Record<string, unknown>): Record<string, NamedSet> {
    const { sets, problems } = checkSets(raw);
    expect(problems).toEqual([]);
    return Object.fromEntries(sets.map((set) => [set.name, set]));
}

const problemsOf = (raw: unknown) => checkSets(raw).problems.map(({ property, message }) => `${property}: ${message}`);

/** A set as plain lists: what is given, and the sets with a smaller number that it joins and takes away. */
interface Plain {
    readonly entries: readonly AddressRange[];
    readonly file: readonly AddressRange[];
    readonly except: readonly AddressRange[];
    readonly sets: readonly number[];
    readonly exceptSets: readonly number[];
}

/** IPv4 inside IPv6 can't be written. */
const writable = addressRange.filter((range) => "range" in parseAddressRange(textOf(range)));
const some = fc.array(writable, { maxLength: 4 });
const others = fc.array(fc.nat(3), { maxLength: 2 });
const plainSets: fc.Arbitrary<Plain[]> = fc.array(
    fc.record({ entries: some, file: some, except: some, sets: others, exceptSets: others }),
    { minLength: 1, maxLength: 4 },
);
const below = (numbers: readonly number[], index: number) => numbers.filter((number) => number < index);

function rawOf(sets: readonly Plain[], text = textOf): Record<string, unknown> {
    const nameOf = (number: number) => `s${number}`;
    const raw = sets.map(({ entries, file, except, sets: joined, exceptSets }, index) => {
        const value = {
            entries: entries.map(text),
            file: { lines: file.map(textOf).join("\n") },
            sets: below(joined, index).map(nameOf),
            except: except.map(text),
            exceptSets: below(exceptSets, index).map(nameOf),
        };
        return [nameOf(index), value] as const;
    });
    // The order of the names must not matter.
    return Object.fromEntries(raw.reverse());
}

/** The simple way. */
function membersOf(sets: readonly Plain[], index: number): readonly AddressRange[] {
    const { entries, file, except, sets: joined, exceptSets } = sets[index]!;
    const of = (numbers: readonly number[]) => below(numbers, index).flatMap((number) => membersOf(sets, number));
    return difference(mergeRanges([...entries, ...file, ...of(joined)]), mergeRanges([...except, ...of(exceptSets)]));
}

describe("address sets", () => {
    test("hold what is joined, without what is excepted", () => {
        fc.assert(
            fc.property(plainSets, (plain) => {
                const sets = check(rawOf(plain));
                plain.forEach((_, index) =>
                    expect(sets[`s${index}`]).toEqual({ name: `s${index}`, ranges: membersOf(plain, index) }),
                );
            }),
            { numRuns: 300 },
        );
    });

    test("of which something is not known yet hold what they say whatever it turns out to be", () => {
        fc.assert(
            fc.property(plainSets, fc.infiniteStream(fc.boolean()), (plain, coin) => {
                const unknownOrNot = (range: AddressRange) => (coin.next().value ? NOT_KNOWN_YET : textOf(range));
                const sets = check(rawOf(plain, unknownOrNot));
                plain.forEach((_, index) => {
                    const { ranges, unknown } = sets[`s${index}`]!;
                    const actual = membersOf(plain, index);
                    expect(difference(ranges, actual)).toEqual([]);
                    if (!unknown) expect(ranges).toEqual(actual);
                });
            }),
            { numRuns: 300 },
        );
    });

    test("are the same whether a list travels as it is or in one text", () => {
        const entries = Array.from({ length: 300 }, (_, i) => `10.0.${i % 256}.${i >> 8}`);
        const lines = travelling(entries);
        expect(lines).toEqual({ lines: entries.join("\n") });
        expect(check({ a: { entries } }).a!.ranges).toEqual(check({ a: { entries: lines } }).a!.ranges);
        expect(travelling(entries.slice(0, 256))).toHaveLength(256);
        expect(travelling([...entries, NOT_KNOWN_YET])).toHaveLength(301);
        expect(travelling([...entries, "192.0.2.1\n192.0.2.2"])).toHaveLength(301);
        expect(travelling([...entries, 7])).toHaveLength(301);
    });

    test("take lists of lists, and may be empty", () => {
        const sets = check({
            a: { entries: [["192.0.2.1", "192.0.2.3"], "192.0.2.2", []] },
            b: { entries: [] },
            c: { file: { lines: "" } },
        });
        expect(entriesOf(sets.a!)).toEqual(["192.0.2.1", "192.0.2.2/31"]);
        expect(sets.b).toEqual({ name: "b", ranges: [] });
        expect(sets.c).toEqual({ name: "c", ranges: [] });
        expect(entriesOf(sets.b!)).toEqual([]);
    });

    test.each<[string, unknown, string]>([
        ["that says nothing", {}, "sets.s: VF041 the address set says nothing."],
        ["that only takes away", { except: ["192.0.2.1"] }, "sets.s: VF041"],
        ["whose entries got lost", { entries: "" }, "sets.s.entries: VF010 entries is given but empty."],
        ["whose sets got lost", { entries: [], sets: null }, "sets.s.sets: VF010 sets is given but empty."],
        [
            "whose exclusion got lost",
            { entries: [], except: undefined },
            "sets.s.except: VF010 except is given but empty.",
        ],
        [
            "with an empty exclusion",
            { entries: [], except: [" "] },
            "sets.s.except[0]: VF010 the entry is given but empty.",
        ],
        ["with a wrong exclusion", { entries: [], except: ["10.0.0.1/8"] }, "sets.s.except[0]: VF002"],
        [
            "with a wrong line",
            { entries: { lines: "192.0.2.1\nx" } },
            'sets.s.entries[1]: VF001 "x" is not an address.',
        ],
        ["with a comment in an entry", { entries: ["192.0.2.1 # web"] }, "sets.s.entries[0]: VF001"],
        ["with an empty line", { entries: { lines: "192.0.2.1\n" } }, "sets.s.entries[1]: VF010"],
        ["of a set that is not there", { sets: ["office"] }, 'sets.s.sets: VF011 unknown address set "office".'],
        ["of a set by another name", { entries: [], exceptSets: ["constructor"] }, "sets.s.exceptSets: VF011"],
        ["that is its own part", { sets: ["s"] }, 'sets.s.sets: VF042 the address set "s" is a part of itself.'],
        ["that is a text", "192.0.2.1", "sets.s: VF024 the address set must be an object"],
        ["whose entries are an object", { entries: {} }, "sets.s.entries: VF024 entries must be a list, not {}."],
        [
            "with a misspelt field",
            { entries: [], exept: [] },
            'sets.s: VF009 unknown field "exept". Did you mean "except"?',
        ],
    ])("one %s is an error", (_, value, expected) => {
        expect(problemsOf({ s: value }).join("\n")).toContain(expected);
    });

    test("that take part in each other are an error, and said once", () => {
        const problems = problemsOf({ a: { sets: ["b"] }, b: { sets: ["c"] }, c: { entries: [], exceptSets: ["a"] } });
        expect(problems).toEqual([
            expect.stringMatching(/^sets\.c\.exceptSets: VF042 the address set "a" is a part of itself/),
        ]);
    });

    test("with a thousand mistakes name ten and count the others", () => {
        const problems = problemsOf({ s: { entries: Array.from({ length: 1000 }, (_, i) => `host${i}`) } });
        expect(problems).toHaveLength(11);
        expect(problems[10]).toMatch(/^sets\.s\.entries: VF043 990 more entries can't be read\./);
    });
});

describe("a set with an exclusion that is not known yet", () => {
    const sets = { office: { entries: ["198.51.100.0/24"], except: [NOT_KNOWN_YET] } };
    const policyOf = (line: string) => {
        const { policy, stored, problems } = checkPolicy({ templates: [{ name: "web", rules: { ssh: line } }], sets });
        expect(problems).toEqual([]);
        return { policy, stored };
    };
    const peers: AddressRange[] = [{ family: 4, first: 0xc6336401n, last: 0xc6336401n }];

    test("keeps its line, proves nothing open and nothing closed", () => {
        const accepts = policyOf("accept tcp from set office to port 22");
        expect(accepts.stored.rules["web/ssh"]).toBe("accept tcp from set office (0, not known yet) to port 22");
        expect(accepts.stored.sets).toEqual({ office: { [NOT_KNOWN_YET]: true } });
        expect(exposure(accepts.policy)).toMatchObject({ "ingress tcp 22": NOT_KNOWN_YET });
        // It may be left out: not proven.
        expect(proveReachable(accepts.policy, { peers, port: 22 })).toBeDefined();
        const drops = policyOf("drop tcp from set office to port 22");
        expect(proveReachable(drops.policy, { peers, port: 22 })?.decision).toContain("perhaps dropped by web/ssh");
    });
});

describe("the stored form of a large set", () => {
    const entries = (count: number) =>
        Array.from({ length: count }, (_, i) => `10.${i >> 14}.${(i >> 6) & 255}.${(i & 63) * 4}`);

    test("is a count and a digest, and its entries in a packed text", () => {
        const set = check({ s: { entries: entries(5000) } }).s!;
        const { stored, entries: packed } = storeSet(set);
        expect(stored).toEqual({ count: 5000, digest: expect.stringMatching(/^[0-9a-f]{8}$/) });
        expect(packed).toMatch(/^packed:[A-Za-z0-9_\n-]+\.$/);
        expect(packed!.length).toBeLessThan(2.5 * 5000);
        expect(restoreSet("s", stored, packed)).toEqual(set);
        expect(storeSet(restoreSet("s", stored, packed))).toEqual({ stored, entries: packed });
        expect(() => restoreSet("s", stored, packed!.slice(0, -2))).toThrow("damaged");
    });

    test("remembers that something is not known yet", () => {
        const set = check({ s: { entries: [...entries(5000), NOT_KNOWN_YET] } }).s!;
        const { stored, entries: packed } = storeSet(set);
        expect(stored).toMatchObject({ digest: "not known yet" });
        expect(restoreSet("s", stored, packed)).toEqual(set);
    });
});
