import fc from "fast-check";
import { nftables, render } from "../../../../core/dialects/nftables";
import type { Policy } from "../../../../core/model/policy";
import { policy } from "./build";
import { manyRules } from "./manyRules";
import { ownership, policies, policiesOf } from "./policies";

/** As if any rule were too many. */
const laidOut = (wanted: Policy) => render(wanted, ownership, 0);

const linesOf = (text: string) => text.split("\n").filter((line) => / comment "(web|layout)/.test(line)).length;

test.each([
    ["few", policies, 100],
    ["some", policiesOf({ minLength: 20, maxLength: 120 }), 10],
    ["many", manyRules({ minLength: 50, maxLength: 300 }), 100],
])("a policy of %s rules means the same when it is laid out", (_, some, numRuns) => {
    fc.assert(
        fc.property(some, (wanted) => {
            expect(nftables.prove({ text: laidOut(wanted) }, wanted)).toBeUndefined();
        }),
        { numRuns },
    );
});

/** Rules by their numbers, in an order that is given by priorities. */
const numbered = (count: number, line: (i: number) => string) =>
    policy(Object.fromEntries(Array.from({ length: count }, (_, i) => [`web/r${i}`, line(i)])));
const network = (i: number) => `10.${i >> 8}.${i & 255}.0/24`;

test.each<[string, (i: number) => string, number]>([
    ["ports for all", (i) => `accept ${i % 3 ? "tcp" : "udp"} from anywhere to port ${1000 + i}`, 1],
    ["networks and ports", (i) => `accept tcp from ${network(i)} to port ${1000 + (i % 40)}`, 1],
    [
        "networks of many sizes",
        (i) => `accept tcp from 10.${i >> 8}.${i & 255}.0/${24 + (i % 9)} to port ${(i % 40) + 1}`,
        1,
    ],
    [
        "IPv6 networks that old nft lists wrong",
        (i) => `accept tcp from 2001:${i}::/${32 + (i % 12)} to port ${1 + (i % 40)}`,
        // With a chain for each port.
        41,
    ],
    ["own addresses too", (i) => `accept tcp from ${network(i)} to 192.0.2.${i % 200} port ${1 + (i % 40)}`, 1],
    ["port ranges that overlap", (i) => `accept tcp from ${network(i % 90)} to port ${1 + 7 * i}-${100 + 7 * i}`, 8],
    ["one set", (i) => `accept tcp from set office to port ${1 + i}`, 1],
    ["one interface", (i) => `accept tcp from ${network(i)} to port ${1 + (i % 9)} in wg0`, 1],
    [
        "actions in turn, apart from each other",
        (i) => `${i % 2 ? "accept" : "drop"} tcp from ${network(i)} to port 22`,
        2,
    ],
    [
        "nested, the small ones first",
        (i) =>
            `${["accept", "drop", "accept"][Math.floor(i / 200)]} tcp from 10.${i % 200}.0.0/${[32, 24, 16][Math.floor(i / 200)]} to port 22`,
        3,
    ],
    ["logged now and then", (i) => `accept tcp from ${network(i)} to port ${1 + (i % 9)}${i % 100 ? "" : " log"}`, 13],
])("lines for 600 rules: %s", (_, line, most) => {
    const many = { ...numbered(600, line), sets: [{ name: "office", ranges: [] }] };
    const text = laidOut(many);
    expect(linesOf(text)).toBeLessThanOrEqual(most);
    expect(nftables.prove({ text }, many)).toBeUndefined();
});

test("few rules are not laid out", () => {
    const few = numbered(50, (i) => `accept tcp from anywhere to port ${1 + i}`);
    expect(render(few, ownership)).toBe(render(few, ownership, Infinity));
    const more = numbered(51, (i) => `accept tcp from anywhere to port ${1 + i}`);
    expect(linesOf(render(more, ownership))).toBe(1);
});

test("rules of which none becomes an element of a set stand in their order", () => {
    const apart = policy({
        "web/a": "reject tcp from 10.0.0.0/24 to port 1",
        "web/b": "drop tcp from 10.1.0.0/16 to port 2-7000",
        "web/c": "reject udp from anywhere to port 5",
    });
    expect(laidOut(apart).match(/(?<=comment ")web\/./g)).toEqual(["web/a", "web/b", "web/c"]);
});

test("rules that can't be told apart by what they mean are not laid out", () => {
    const crossing = numbered(500, (i) => {
        if (i < 60) return `accept tcp from anywhere to port ${1 + i}`;
        const at = (factor: number) => (i * factor) % 240;
        const action = i % 2 ? "accept" : "drop";
        const from = `10.0.0.${at(37)}-10.0.${1 + at(91)}.7 port ${1 + at(53)}-${900 + at(101)}`;
        return `${action} tcp from ${from} to 10.1.0.${at(71)}-10.1.${1 + at(43)}.9 port ${1 + at(83)}-${900 + at(29)}`;
    });
    expect(render(crossing, ownership)).not.toContain("layout:");
    expect(render({ ...crossing, rules: crossing.rules.slice(0, 60) }, ownership)).toContain("layout:");
});
