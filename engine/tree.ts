import { shortDiff, stackOutputs } from "./display";
import { renderDiagnostic } from "./diagnostic";
import type { EngineEvent } from "./events";
import { nameOf, rootStackType } from "./state";
import { isReplacementPart, pastTense, prefixes } from "./steps";
import type { Op, Step } from "./steps";

interface Row {
    readonly step: Step;
    readonly op: Op;
    readonly failed: boolean;
    readonly children: Row[];
}

/** The plain form: one row per resource that changes, below its parents, then messages and outputs. */
export function renderTree(events: readonly EngineEvent[], planning: boolean): string {
    const rows = visible(rowsOf(events));
    const cells = rows.flatMap((row) => flatten(row, ""));
    const header = ["", "Type", "Name", planning ? "Plan" : "Status", "Info"];
    const table = [header, ...cells.map(({ row, lead }) => cellsOf(row, lead, planning))];
    const widths = header.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
    const lines = table.map((line) =>
        line
            .map((cell, column) => cell.padEnd(widths[column] ?? 0))
            .join(" ")
            .trimEnd(),
    );
    return `${cells.length === 0 ? "" : `${lines.join("\n")}\n\n`}${renderDiagnostics(events)}${renderStackOutputs(events, planning)}`;
}

function rowsOf(events: readonly EngineEvent[]): Row[] {
    const latest = new Map<string, { step: Step; op: Op; failed: boolean }>();
    for (const event of events) {
        if (event.kind === "diagnostic") {
            continue;
        }
        const { step } = event;
        const known = latest.get(step.urn);
        const failed = event.kind === "failed" || (known?.failed ?? false);
        const op = event.kind === "outputs" ? event.op : step.op;
        // What a refresh before an operation saw gives way to what the operation does; a replacement is one row.
        if (known && isReplacementPart(op)) {
            latest.set(step.urn, { ...known, failed });
        } else {
            latest.set(step.urn, { step, op: isReplacementPart(op) ? "replace" : op, failed });
        }
    }
    const rows = new Map<string, Row>();
    const top: Row[] = [];
    for (const [urn, entry] of latest) {
        rows.set(urn, { ...entry, children: [] });
    }
    for (const row of rows.values()) {
        const parent = rows.get((row.step.new ?? row.step.old)?.parent ?? "");
        (parent?.children ?? top).push(row);
    }
    return top;
}

// A resource that stays as it is shows only as the way to one that does not.
function visible(rows: readonly Row[]): Row[] {
    return rows.flatMap((row) => {
        const children = visible(row.children);
        const changes = row.failed || (row.op !== "same" && row.op !== "refresh");
        return changes || children.length > 0 || row.step.new?.type === rootStackType ? [{ ...row, children }] : [];
    });
}

function flatten(row: Row, lead: string, last = true, top = true): { row: Row; lead: string }[] {
    const own = top ? "" : `${lead}${last ? "└─ " : "├─ "}`;
    const below = top ? "" : `${lead}${last ? "   " : "│  "}`;
    return [
        { row, lead: own },
        ...row.children.flatMap((child, index) => flatten(child, below, index === row.children.length - 1, false)),
    ];
}

function cellsOf(row: Row, lead: string, planning: boolean): string[] {
    const { step, op, failed } = row;
    const type = (step.new ?? step.old)?.type ?? "";
    const done = op === "same" || op === "refresh" ? "" : planning ? op : pastTense[op];
    const status = failed ? `**${planning ? "preview" : op.replace(/e$/, "ing")} failed**` : done;
    const diff = op === "update" || op === "replace" ? shortDiff(step) : "";
    return [` ${prefixes[op]}`, `${lead}${type}`, nameOf(step.urn), status, diff === "" ? "" : `[diff: ${diff}]`];
}

function renderDiagnostics(events: readonly EngineEvent[]): string {
    const groups = new Map<string, string[]>();
    for (const event of events) {
        if (event.kind === "diagnostic" && !event.diagnostic.ephemeral) {
            const { urn = "" } = event.diagnostic;
            const lines = renderDiagnostic(event.diagnostic).split("\n");
            groups.set(urn, [...(groups.get(urn) ?? []), ...lines.map((line) => `    ${line}`)]);
        }
    }
    if (groups.size === 0) {
        return "";
    }
    const texts = [...groups].map(([urn, lines]) => {
        const type = urn.split("::")[2]?.split("$").at(-1);
        return `  ${urn === "" ? "the run" : `${type} (${nameOf(urn)})`}:\n${lines.join("\n")}\n`;
    });
    return `Diagnostics:\n${texts.join("\n")}\n`;
}

function renderStackOutputs(events: readonly EngineEvent[], planning: boolean): string {
    const stack = [...events]
        .reverse()
        .find((event) => event.kind === "outputs" && event.step.new?.type === rootStackType);
    if (stack?.kind !== "outputs" || stack.step.op === "refresh") {
        return "";
    }
    const text = stackOutputs(stack.step, stack.op, 1, planning);
    return text === "" ? "" : `Outputs:\n${text}\n`;
}
