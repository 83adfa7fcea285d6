import { printable } from "../core/model/diagnostics";
import { headOf } from "../provider/manifest";
import { type Backups, type Confirmed, listBackups } from "../targets/ssh";
import { reach, targetOf } from "./place";
import type { Output } from "./program";

/** One line of the list. */
interface Row {
    /** What `show` and `restore` call it; `now` is what the host runs. */
    readonly backup: string;
    /** In UTC; of the first, when it was written down. */
    readonly replaced?: string;
    readonly generation?: number;
    readonly rules?: number;
    readonly owner?: string;
}

export async function backupList(output: Output, place: string, { json }: { json?: boolean }): Promise<void> {
    const target = targetOf(place);
    const rows = rowsOf(await listBackups(reach(target)));
    if (json) output.out(`${JSON.stringify(rows, null, 4)}\n`);
    else if (rows.length === 0)
        output.out(`${printable(target.host)} has no ruleset of this library, and so no backup\n`);
    else output.out(tableOf(rows));
}

/** The newest first. */
function rowsOf({ confirmed, replaced, firstAt }: Backups): Row[] {
    return [
        ...(confirmed ? [{ backup: "now", ...wordsOf(confirmed) }] : []),
        ...[...replaced].reverse().map(({ number, replacedAt, kept }) => ({
            backup: String(number),
            replaced: replacedAt,
            ...wordsOf(kept),
        })),
        ...(firstAt === undefined ? [] : [{ backup: "first", replaced: firstAt }]),
    ];
}

function wordsOf(kept: Confirmed | undefined): Omit<Row, "backup"> {
    if (!kept) return {};
    const head = headOf(kept.manifest);
    return { generation: kept.generation, ...(head && { rules: head.rules, owner: head.owner }) };
}

const COLUMNS = ["backup", "replaced", "generation", "rules", "owner"] as const;

function tableOf(rows: readonly Row[]): string {
    const cells = [
        [...COLUMNS],
        ...rows.map((row) =>
            COLUMNS.map((column) => {
                if (row.backup === "first" && column === "owner") return "what was there before the first apply";
                return row[column] === undefined ? "" : printable(String(row[column]));
            }),
        ),
    ];
    const widths = COLUMNS.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
    return cells
        .map(
            (line) =>
                `${line
                    .map((cell, i) => cell.padEnd(widths[i]!))
                    .join("  ")
                    .trimEnd()}\n`,
        )
        .join("");
}
