import { renderDiagnostic } from "./diagnostic";
import { diffProperties, ignoreHidden, objectDiffOf } from "./diff";
import type { ObjectDiff } from "./diff";
import type { EngineEvent } from "./events";
import { printDiff, printObject } from "./printer";
import { parsePath, pathContains } from "./propertyPath";
import type { PropertyPath } from "./propertyPath";
import { rootStackType } from "./state";
import type { ResourceState } from "./state";
import { isReplacementPart, prefixes } from "./steps";
import type { Op, Step } from "./steps";
import type { Properties } from "./values";

/** Whether a step is shown: changes are, and the parts of a replacement are shown as one. */
export const isShown = (op: Op): boolean => op !== "same" && !isReplacementPart(op);

/** The `--diff` form: every changed resource with the properties that change. */
export function renderDiff(events: readonly EngineEvent[], planning: boolean, refreshing: boolean): string {
    const steps = new Map<string, Step>();
    return events
        .map((event) => {
            switch (event.kind) {
                case "begin":
                    steps.set(event.step.urn, event.step);
                    return event.step.op === "refresh" ? "" : renderStep(event.step, event.step.op, steps);
                case "outputs":
                    return renderOutputs(event.step, event.op, steps, { planning, refreshing });
                case "diagnostic":
                    return event.diagnostic.ephemeral ? "" : `${renderDiagnostic(event.diagnostic)}\n`;
                case "failed":
                    return "";
            }
        })
        .join("");
}

function renderOutputs(
    step: Step,
    op: Op,
    steps: ReadonlyMap<string, Step>,
    view: { readonly planning: boolean; readonly refreshing: boolean },
): string {
    if (step.op === "refresh") {
        // A refresh that opens another operation speaks only where something has changed.
        const found = view.refreshing ? op : (step.detailedDiff ?? []).length > 0 ? "update" : "same";
        const speaks = found !== "same" || (view.refreshing && isStack(step));
        return speaks ? renderStep(step, found, steps) : "";
    }
    const indent = indentOf(step, steps) + 1;
    const text = isStack(step) ? stackOutputs(step, op, indent, view.planning) : "";
    return text === "" ? "" : `${"    ".repeat(indent)}--outputs:--\n${text}`;
}

const isStack = (step: Step): boolean => (step.new ?? step.old)?.type === rootStackType;

/** The outputs of the stack: in a preview those that change, afterwards all of them. */
export function stackOutputs(step: Step, op: Op, indent: number, planning: boolean): string {
    const { old, new: now } = step;
    if (now === undefined) {
        return "";
    }
    const style = { indent, op, signed: false };
    const diff =
        old &&
        diffProperties(
            old.outputs,
            now.outputs,
            ignoreHidden(() => false),
        );
    if (diff) {
        return printDiff(planning ? withoutSames(diff) : diff, style);
    }
    return old && planning ? "" : printObject(now.outputs, style);
}

function renderStep(step: Step, op: Op, steps: ReadonlyMap<string, Step>): string {
    const resource = step.new ?? step.old;
    if (resource === undefined || (!isShown(op) && !isStack(step))) {
        return "";
    }
    const indent = indentOf(step, steps);
    const inner = "    ".repeat(indent + 1);
    const id = step.old?.id;
    return [
        `${"    ".repeat(indent)}${prefixes[op]}${resource.type}: (${op})${resource.protect ? " 🔒" : ""}\n`,
        id ? `${inner}[id=${id}]\n` : "",
        `${inner}[urn=${resource.urn}]\n`,
        op === "same" ? "" : properties(step, op, indent + 1),
    ].join("");
}

function indentOf(step: Step, steps: ReadonlyMap<string, Step>): number {
    const parent = (step.new ?? step.old)?.parent;
    const around = parent === undefined ? undefined : steps.get(parent);
    if (around === undefined) {
        return 0;
    }
    const shown = (around.new ?? around.old)?.type === rootStackType || isShown(around.op);
    return (shown ? 1 : 0) + indentOf(around, steps);
}

function properties(step: Step, op: Op, indent: number): string {
    const { old, new: now } = step;
    const style = { indent, op, signed: false };
    if (old === undefined || now === undefined || op === "delete") {
        return printObject((old ?? now)?.inputs ?? {}, style);
    }
    const { diff, hidden } = changes(step, old, now);
    const notes = hidden.map((path) => `${"    ".repeat(indent).slice(0, -2)}~ ${path} (hidden)\n`).join("");
    return notes + (diff ? printDiff(diff, { ...style, signed: true }) : printObject(old.inputs, style));
}

function changes(
    step: Step,
    old: ResourceState,
    now: ResourceState,
): { readonly diff: ObjectDiff | undefined; readonly hidden: readonly string[] } {
    const patterns = now.hideDiffs.map((text) => ({ text, pattern: parsePath(text) }));
    const found = new Set<string>();
    const hides = (path: PropertyPath): boolean => {
        const hit = patterns.find(({ pattern }) => pathContains(pattern, path));
        if (hit) {
            found.add(hit.text);
        }
        return hit !== undefined;
    };
    const diff = step.detailedDiff
        ? objectDiffOf(
              step.detailedDiff.filter(({ path }) => !hides(path)),
              old.inputs,
              old.outputs,
              step.op === "refresh" ? now.outputs : now.inputs,
          )
        : diffProperties(old.inputs, now.inputs, ignoreHidden(hides));
    return { diff, hidden: [...found].sort() };
}

function withoutSames(diff: ObjectDiff): ObjectDiff {
    return { ...diff, sames: new Map() };
}

/** The names of the top-level inputs that a step changes, with their signs: `~exposure,rules`. */
export function shortDiff(step: Step): string {
    const { old, new: now } = step;
    const diff = old && now && (step.detailedDiff ? changes(step, old, now).diff : inputDiff(old.inputs, now.inputs));
    if (!diff) {
        return "";
    }
    const part = (sign: string, keys: Iterable<string>): string[] => {
        const names = [...keys].sort();
        return names.length === 0 ? [] : [`${sign}${names.join(",")}`];
    };
    return [...part("+", diff.adds.keys()), ...part("-", diff.deletes.keys()), ...part("~", diff.updates.keys())].join(
        "",
    );
}

const inputDiff = (old: Properties, now: Properties): ObjectDiff | undefined =>
    diffProperties(
        old,
        now,
        ignoreHidden(() => false),
    );
