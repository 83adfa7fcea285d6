import type { EngineEvent } from "./events";
import { ops, pastTense, prefixes, isReplacementPart } from "./steps";
import type { Op } from "./steps";

/** How many resources met with what. */
export type ChangeSummary = Readonly<Partial<Record<Op, number>>>;

/** Counts what was done, or in a preview what would be; steps that failed are not done. */
export function countChanges(events: readonly EngineEvent[], refreshing: boolean): ChangeSummary {
    const counted = new Map<string, Op>();
    for (const event of events) {
        if (event.kind === "begin" && !isReplacementPart(event.step.op) && event.step.op !== "refresh") {
            counted.set(event.step.urn, event.step.op);
        }
        if (event.kind === "outputs" && event.step.op === "refresh" && refreshing) {
            counted.set(event.step.urn, event.op);
        }
        if (event.kind === "failed") {
            counted.delete(event.step.urn);
        }
    }
    const summary: Partial<Record<Op, number>> = {};
    for (const op of counted.values()) {
        summary[op] = (summary[op] ?? 0) + 1;
    }
    return summary;
}

export function renderSummary(
    summary: ChangeSummary,
    planning: boolean,
    errored: number,
    duration: number | undefined,
): string {
    const changes = ops.filter((op) => op !== "same" && (summary[op] ?? 0) > 0);
    const lines = changes.map(
        (op) => `    ${prefixes[op]}${summary[op] ?? 0} ${planning ? `to ${op}` : pastTense[op]}`,
    );
    const total = changes.reduce((sum, op) => sum + (summary[op] ?? 0), 0);
    const same = summary.same ?? 0;
    const pieces = [
        ...(changes.length >= 2 ? [`${total} change${total === 1 ? "" : "s"}`] : []),
        ...(same > 0 ? [`${same} unchanged`] : []),
    ];
    return [
        "Resources:",
        ...lines,
        ...(pieces.length > 0 ? [`    ${pieces.join(". ")}`] : []),
        ...(errored > 0 ? [`    ${errored} errored`] : []),
        ...(duration === undefined ? [] : ["", `Duration: ${Math.ceil(duration / 1000)}s`]),
        "",
    ].join("\n");
}
