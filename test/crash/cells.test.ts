import fc from "fast-check";
import {
    ALL_KINDS,
    cellsOf,
    FAULTS,
    MOMENTS,
    only,
    OPERATIONS,
    sample,
    SAMPLE_KINDS,
    wholeMatrix,
    whyNot,
    wordsOf,
} from "./cells";

import { pointOf, pointsOf } from "./standStill";

const named = (cells: readonly object[]) => cells.map((cell) => JSON.stringify(cell));

describe("the whole matrix", () => {
    test("has every fault at every moment of every operation on every host, save what is said to be impossible", () => {
        const { cells, impossible } = cellsOf(ALL_KINDS, FAULTS);
        expect(cells.length + impossible.length).toBe(9 * 7 * 3 * ALL_KINDS.length);
        expect(new Set(named([...cells, ...impossible])).size).toBe(cells.length + impossible.length);
        for (const cell of impossible) expect(whyNot(cell)).toMatch(/\w{3}/);
        expect(named(wholeMatrix())).toEqual(expect.arrayContaining(named(cells)));
    });

    test("has every fault with every moment, and with every kind of host", () => {
        const { cells } = cellsOf(ALL_KINDS, FAULTS);
        const has = (...words: string[]) => only(cells, words).length > 0;
        for (const fault of FAULTS) {
            for (const { kind, userland } of ALL_KINDS)
                expect([fault, userland, has(fault, kind, userland)]).toEqual([
                    fault,
                    userland,
                    fault !== "clock-jump" || userland !== "busybox",
                ]);
            for (const moment of MOMENTS) {
                const early = fault === "revert-killed" && (moment === "probe" || moment === "arm");
                expect([fault, moment, has(fault, moment)]).toEqual([fault, moment, !early]);
            }
        }
    });

    test("strikes at every point of a moment, on both kinds of host", () => {
        const shown = new Map<string, Set<string>>();
        for (const cell of cellsOf(ALL_KINDS, FAULTS).cells) {
            const { kind, filter, operation, moment, fault } = cell;
            const name = [kind, filter === "nft" ? filter : "iptables", operation, moment, fault].join(" ");
            shown.set(
                name,
                new Set(
                    [...(shown.get(name) ?? pointsOf(operation, moment, filter))].filter((p) => p !== pointOf(cell)),
                ),
            );
        }
        expect([...shown].filter(([, missing]) => missing.size > 0)).toEqual([]);
    });

    test("a filter finds exactly the cells that have its words", () => {
        const cells = wholeMatrix();
        fc.assert(
            fc.property(fc.constantFrom(...cells), fc.nat({ max: 5 }), (cell, count) => {
                const words = wordsOf(cell).slice(0, count);
                const found = only(cells, words);
                expect(found).toContain(cell);
                for (const other of cells)
                    expect(found.includes(other)).toBe(words.every((word, i) => wordsOf(other)[i] === word));
            }),
            { numRuns: 50 },
        );
        expect(only(cells, ["no-such-word"])).toEqual([]);
    });
});

describe("the sample of npm test", () => {
    const cells = sample();

    test("has at most 60 cells, all possible, none twice", () => {
        expect(cells.length).toBeLessThanOrEqual(60);
        expect(new Set(named(cells)).size).toBe(cells.length);
        for (const cell of cells) expect(whyNot(cell)).toBeUndefined();
    });

    test("has every fault but the clock jump at every moment, and every operation on every kind", () => {
        for (const fault of FAULTS.filter((fault) => fault !== "clock-jump"))
            for (const moment of MOMENTS) {
                const early = fault === "revert-killed" && (moment === "probe" || moment === "arm");
                expect([fault, moment, only(cells, [fault, moment]).length > 0]).toEqual([fault, moment, !early]);
            }
        for (const operation of OPERATIONS)
            for (const { kind, userland } of SAMPLE_KINDS)
                expect(only(cells, [operation, kind, userland]).length).toBeGreaterThan(0);
        expect(only(cells, ["clock-jump"])).toEqual([]);
    });
});
