import fc from "fast-check";
import type { Verdict } from "./batch";
import { batchesOf } from "./group";
import { LONG_FAULTS, only, wholeMatrix } from "./cells";
import { closingLine, problemsOf, renderTable } from "./table";

const verdicts: fc.Arbitrary<Verdict[]> = fc.subarray(wholeMatrix(), { maxLength: 60 }).chain((cells) =>
    fc.tuple(
        ...cells.map((cell) =>
            fc.record({
                cell: fc.constant(cell),
                ended: fc.constantFrom("old", "new", "removed", "wrong"),
                lockedOut: fc.constantFrom("", "", "timeout"),
                disagreements: fc.constantFrom([], [], ["left on the host: pending"], ["one", "two"]),
            }),
        ),
    ),
);

describe("the table", () => {
    test("every verdict is counted in exactly one of its entries", () => {
        fc.assert(
            fc.property(verdicts, (all) => {
                const entries = renderTable(all)
                    .split("\n")
                    .filter((line) => line.startsWith("|"))
                    .flatMap((line) => [...line.matchAll(/\b(?:old|new|removed|wrong) (\d+)/g)]);
                expect(entries.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(all.length);
            }),
        );
    });

    test("the closing line counts cells with a problem, each named in full", () => {
        fc.assert(
            fc.property(verdicts, (all) => {
                const lockouts = all.filter(({ lockedOut }) => lockedOut !== "").length;
                const disagreements = all.filter(({ disagreements }) => disagreements.length > 0).length;
                expect(closingLine(all)).toBe(
                    `${all.length} cells, ${lockouts} lock-outs, ${disagreements} disagreements`,
                );
                for (const verdict of all) {
                    const { cell, lockedOut, disagreements } = verdict;
                    const problems = problemsOf(verdict);
                    expect(problems).toHaveLength((lockedOut === "" ? 0 : 1) + disagreements.length);
                    for (const problem of problems)
                        expect(problem).toContain(
                            `${cell.userland} ${cell.filter} ${cell.operation} ${cell.moment} ${cell.fault}: `,
                        );
                }
            }),
        );
    });
});

test.each([
    ["systemd", 12],
    ["plain", 19],
] as const)("%s: batches hold every cell once, of one operation, at most %i, killed clients apart", (kind, width) => {
    const all = only(wholeMatrix(), [kind, "bookworm"]);
    const batches = batchesOf(all);
    expect(new Set(batches.flatMap(({ cells }) => cells))).toEqual(new Set(all));
    expect(batches.reduce((sum, { cells }) => sum + cells.length, 0)).toBe(all.length);
    for (const { operation, cells } of batches) {
        expect(cells.length).toBeLessThanOrEqual(width);
        expect(cells.every((cell) => cell.operation === operation)).toBe(true);
        const sorts = cells.map(({ fault }) =>
            fault === "client-killed"
                ? "killed"
                : (LONG_FAULTS as readonly string[]).includes(fault)
                  ? "long"
                  : "other",
        );
        expect(new Set(sorts).size).toBe(1);
    }
});
