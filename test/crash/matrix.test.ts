import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { describeLab } from "../lab";
import type { Verdict } from "./batch";
import {
    ALL_KINDS,
    type Cell,
    type Kind,
    IPTABLES_SAMPLE_KINDS,
    iptablesSample,
    only,
    sample,
    SAMPLE_KINDS,
    wholeMatrix,
} from "./cells";
import { runGroup } from "./group";
import { closingLine, problemsOf } from "./table";

/**
 * Set by scripts/testHosts.mjs: which part of the whole matrix to run instead, where to write what came of it, and where
 * it stands for the cells that need not be run again.
 */
const { VPSFW_CRASH_WORDS: words, VPSFW_CRASH_RESULTS: results, VPSFW_CRASH_DONE: doneFile } = process.env;

if (words === undefined || results === undefined)
    describeLab("a sample of the crash matrix", () => {
        // One after the other: each has as many hosts as a small machine can run.
        showSample(SAMPLE_KINDS, sample());
        showSample(IPTABLES_SAMPLE_KINDS, iptablesSample());
    });
else
    describeLab("the crash matrix", () => {
        test("runs", async () => {
            const settled = withoutProblem(doneFile);
            const chosen = only(
                wholeMatrix(),
                words.split(" ").filter((word) => word !== ""),
            ).filter((cell) => !settled.has(JSON.stringify(cell)));
            const started = Date.now();
            let done = 0;
            const takeDown = (verdicts: readonly Verdict[]) => {
                appendFileSync(results, verdicts.map((verdict) => `${JSON.stringify(verdict)}\n`).join(""));
                done += verdicts.length;
                const [first] = verdicts;
                if (!first) return;
                const { kind, userland, filter, operation } = first.cell;
                const minutes = ((Date.now() - started) / 60_000).toFixed(1);
                const lines = [
                    `${minutes} min  ${done}/${chosen.length}  ${kind} ${userland} ${filter} ${operation}: ${closingLine(verdicts)}`,
                    ...verdicts.flatMap(problemsOf).map((problem) => `    ${problem}`),
                ];
                say(lines.join("\n"));
            };
            // Plain hosts beside those with systemd.
            await Promise.all(
                (["systemd", "plain"] as const).map(async (lane) => {
                    for (const kind of ALL_KINDS.filter(({ kind }) => kind === lane)) {
                        const cells = only(chosen, [kind.kind, kind.userland, kind.filter]);
                        if (cells.length > 0) await runGroup(kind, cells, { verdicts: takeDown, again: sayAgain });
                    }
                }),
            );
            expect(done).toBe(chosen.length);
        }, 7_200_000);
    });

function showSample(kinds: readonly Kind[], cells: readonly Cell[]): void {
    let runs: Promise<Verdict[]>[] | undefined;
    // Side by side, since most of it is waiting.
    const start = () =>
        kinds.map(async (kind) => {
            const verdicts: Verdict[] = [];
            await runGroup(kind, cellsOn(kind), {
                verdicts: (some) => void verdicts.push(...some),
                again: sayAgain,
            });
            return verdicts;
        });
    const cellsOn = ({ kind, userland, filter }: Kind) => only(cells, [kind, userland, filter]);

    test.each(kinds.map((kind, i) => [kind.kind, kind.filter, i] as const))(
        "on %s hosts with %s: no lock-out, and host and state agree",
        async (_kind, _filter, i) => {
            const verdicts = await (runs ??= start())[i]!;
            expect(verdicts.flatMap(problemsOf)).toEqual([]);
            const count = cellsOn(kinds[i]!).length;
            expect(closingLine(verdicts)).toBe(`${count} cells, 0 lock-outs, 0 disagreements`);
        },
        600_000,
    );
}

function sayAgain(cells: readonly Cell[], reason: string): void {
    say(`${cells.length} cells are begun anew, since they could not be run: ${reason.split("\n")[0]}`);
}

/** Past jest, which keeps what a test prints until it has ended. */
function say(text: string): void {
    writeFileSync("/dev/stderr", `${text}\n`, { flag: "a" });
}

/** The cells whose last run was well. */
function withoutProblem(file: string | undefined): ReadonlySet<string> {
    const settled = new Set<string>();
    if (!file || !existsSync(file)) return settled;
    for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
        const verdict = JSON.parse(line) as Verdict;
        if (problemsOf(verdict).length === 0) settled.add(JSON.stringify(verdict.cell));
        else settled.delete(JSON.stringify(verdict.cell));
    }
    return settled;
}
