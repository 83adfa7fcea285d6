import fc from "fast-check";
import { type Diagram, type Diagrams, openDiagrams, TooMuchWork } from "../../../core/analysis/diagram";
import { and, butNot, meet, orElse, within } from "../../../core/analysis/operations";
import { lastOf } from "../../../core/analysis/packetFields";
import { evaluate } from "./evaluate";

const LAST = 7;
const LEVELS = [0, 1, 2];

const packets = Array.from({ length: 8 ** 3 }, (_, i) => [i >> 6, (i >> 3) & 7, i & 7]);

/** Boxes with a terminal each, the first that holds a packet counts: one way to say any function. */
const boxes = (terminal: fc.Arbitrary<number>) => {
    const interval = fc.tuple(fc.nat(LAST), fc.nat(LAST)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    return fc.array(fc.record({ sides: fc.tuple(interval, interval, interval), terminal }), { maxLength: 6 });
};
type Boxes = typeof boxes extends (terminal: never) => fc.Arbitrary<infer All> ? All : never;

function build(diagrams: Diagrams, list: Boxes): Diagram {
    const box = ({ sides, terminal }: Boxes[number]) =>
        LEVELS.reduceRight((kid, level) => {
            const [first, last] = sides[level]!;
            const tops = [first - 1, last, LAST];
            const kids = [0, kid, 0];
            const used = [first > 0, true, last < LAST];
            return diagrams.node(
                level,
                tops.filter((_, i) => used[i]),
                kids.filter((_, i) => used[i]),
            );
        }, terminal);
    return list.map(box).reduceRight((rest, each) => diagrams.combine(orElse, each, rest), 0);
}

const valueOf = (list: Boxes, packet: readonly number[]) =>
    list.find(({ sides }) => sides.every(([first, last], level) => first <= packet[level]! && packet[level]! <= last))
        ?.terminal ?? 0;

const open = () => openDiagrams(() => LAST);
const truth = boxes(fc.constantFrom(0, 1));

describe("diagrams", () => {
    test("give each packet what the boxes they are made of give it", () => {
        fc.assert(
            fc.property(boxes(fc.nat(3)), (list) => {
                const diagrams = open();
                const diagram = build(
                    diagrams,
                    list.filter(({ terminal }) => terminal > 0),
                );
                for (const packet of packets)
                    expect(evaluate(diagrams, diagram, (level) => packet[level]!)).toBe(
                        valueOf(
                            list.filter(({ terminal }) => terminal > 0),
                            packet,
                        ),
                    );
            }),
            { numRuns: 50 },
        );
    });

    test("are the same number exactly when they are the same function", () => {
        fc.assert(
            fc.property(boxes(fc.constant(1)), boxes(fc.constant(1)), fc.nat(), (a, b, turn) => {
                const diagrams = open();
                const [left, right] = [build(diagrams, a), build(diagrams, b)];
                const equal = packets.every((packet) => valueOf(a, packet) === valueOf(b, packet));
                expect(left === right).toBe(equal);
                // In another order, and some of it twice.
                const turned = [...a.slice(turn % (a.length + 1)), ...a];
                expect(build(diagrams, turned)).toBe(left);
            }),
            { numRuns: 200 },
        );
    });

    test("combine, restrict, map and exists packet by packet", () => {
        fc.assert(
            fc.property(truth, truth, fc.nat(LAST), fc.constantFrom(...LEVELS), (a, b, value, level) => {
                const diagrams = open();
                const ones = (list: Boxes) => list.filter(({ terminal }) => terminal === 1);
                const [left, right] = [build(diagrams, ones(a)), build(diagrams, ones(b))];
                const both = diagrams.combine(and, left, right);
                const only = diagrams.combine(butNot, left, right);
                const restricted = diagrams.restrict(left, new Map([[level, value]]));
                const flipped = diagrams.map(left, (terminal) => 5 - terminal);
                const some = diagrams.exists(left, new Set([level]));
                for (const packet of packets) {
                    const [x, y] = [valueOf(ones(a), packet), valueOf(ones(b), packet)];
                    const at = (other: number) => packet.map((old, i) => (i === level ? other : old));
                    expect(evaluate(diagrams, both, (level) => packet[level]!)).toBe(x & y);
                    expect(evaluate(diagrams, only, (level) => packet[level]!)).toBe(x & (1 - y));
                    expect(evaluate(diagrams, restricted, (level) => packet[level]!)).toBe(valueOf(ones(a), at(value)));
                    expect(evaluate(diagrams, flipped, (level) => packet[level]!)).toBe(5 - x);
                    const any = Array.from({ length: LAST + 1 }, (_, other) => valueOf(ones(a), at(other)));
                    expect(evaluate(diagrams, some, (level) => packet[level]!)).toBe(Math.max(...any));
                }
            }),
            { numRuns: 50 },
        );
    });

    test("parts of them packet by packet: within, some, upTo, from, kidAt and terminals", () => {
        fc.assert(
            fc.property(boxes(fc.integer({ min: 1, max: 3 })), truth, fc.constantFrom(...LEVELS), (a, b, level) => {
                const diagrams = open();
                const ones = b.filter(({ terminal }) => terminal === 1);
                const [left, right] = [build(diagrams, a), build(diagrams, ones)];
                const both = diagrams.combine(within, left, right);
                const support = diagrams.map(left, (terminal) => (terminal > 0 ? 1 : 0));
                const [upper, lower] = [diagrams.upTo(support, level), diagrams.from(support, level)];
                const values = packets.map((packet) => [valueOf(a, packet), valueOf(ones, packet)] as const);
                expect(diagrams.some(meet, support, right)).toBe(values.some(([x, y]) => x > 0 && y > 0));
                expect([...diagrams.terminals(left)].sort()).toEqual([...new Set(values.map(([x]) => x))].sort());
                const isIn = (same: (other: number) => boolean, packet: readonly number[]) =>
                    packets.some(
                        (other, i) =>
                            values[i]![0] > 0 && packet.every((value, at) => !same(at) || other[at] === value),
                    );
                packets.forEach((packet, i) => {
                    const at = (diagram: Diagram) => evaluate(diagrams, diagram, (asked) => packet[asked]!);
                    const [x, y] = values[i]!;
                    expect(at(both)).toBe(y === 1 ? x : 0);
                    expect(at(diagrams.kidAt(left, 0, packet[0]!))).toBe(x);
                    if (i % 7 > 0) return;
                    expect(at(upper)).toBe(isIn((asked) => asked < level, packet) ? 1 : 0);
                    expect(at(lower)).toBe(isIn((asked) => asked >= level, packet) ? 1 : 0);
                });
            }),
            { numRuns: 12 },
        );
    });

    test("stop at the work that is allowed", () => {
        const diagrams = openDiagrams(() => 1000, 50);
        const single = (level: number, value: number, kid: Diagram) =>
            diagrams.node(level, [value - 1, value, 1000], [0, kid, 0]);
        expect(() => {
            for (let i = 1, all = 0; i < 100; i++)
                all = diagrams.combine(orElse, all, single(0, i, single(1, 2 * i, 1)));
        }).toThrow(TooMuchWork);
    });
});

test("there may be more levels than a policy ever has unknown values", () => {
    const diagrams = openDiagrams(lastOf);
    for (const level of [65_535, 65_536, 1_000_000]) {
        const asked = diagrams.node(level, [0, 1], [0, 1]);
        expect(diagrams.levelOf(asked)).toBe(level);
        expect(diagrams.restrict(asked, new Map([[level, 1]]))).toBe(1);
    }
});
