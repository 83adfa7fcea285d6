import { formatPath } from "./propertyPath";
import type { Diagnostic, EngineEvent } from "./events";
import { isShown } from "./display";
import { rootStackType } from "./state";
import type { ResourceState } from "./state";
import { resourceToJson } from "./stateFormat";
import type { ResourceJson } from "./stateFormat";
import type { Op, Step } from "./steps";
import type { ChangeSummary } from "./summary";
import { redact } from "./values";

/** How one property changes; `inputDiff` is true where old inputs were compared with new ones. */
export interface PropertyDiffJson {
    readonly kind: string;
    readonly inputDiff: boolean;
}

/** One step of a preview. Secrets read `[secret]`, what is unknown reads as the SDK's unknown value. */
export interface StepJson {
    readonly op: Op;
    readonly urn: string;
    readonly oldState?: ResourceJson;
    readonly newState?: ResourceJson;
    readonly diffReasons?: readonly string[];
    readonly replaceReasons?: readonly string[];
    /** By property path, for example `rules["web/ssh"]`; null where there is none (components, creates). */
    readonly detailedDiff: Readonly<Record<string, PropertyDiffJson>> | null;
}

/** A preview as one document, in the shape of `pulumi preview --json`. */
export interface PreviewJson {
    readonly config: Readonly<Record<string, string>>;
    readonly steps: readonly StepJson[];
    readonly diagnostics: readonly Omit<Diagnostic, "ephemeral">[];
    /** Nanoseconds. */
    readonly duration: number;
    readonly changeSummary: ChangeSummary;
}

export function stepToJson(step: Step, op: Op): StepJson {
    return {
        op,
        urn: step.urn,
        ...(step.old && { oldState: shownState(step.old) }),
        ...(step.new && { newState: shownState(step.new) }),
        ...(step.diffReasons.length > 0 && { diffReasons: step.diffReasons }),
        ...(step.replaceReasons.length > 0 && { replaceReasons: step.replaceReasons }),
        detailedDiff: step.detailedDiff
            ? Object.fromEntries(
                  step.detailedDiff.map(({ path, kind, inputDiff }) => [formatPath(path), { kind, inputDiff }]),
              )
            : null,
    };
}

const shownState = (resource: ResourceState): ResourceJson => resourceToJson(resource, redact);

/** The steps a preview shows; what a refresh of its own found takes the place of the look itself. */
export function previewSteps(events: readonly EngineEvent[], refreshing: boolean): StepJson[] {
    const steps: StepJson[] = [];
    for (const event of events) {
        if (event.kind === "begin") {
            const { step } = event;
            if (isShown(step.op) || (step.new ?? step.old)?.type === rootStackType) {
                steps.push(stepToJson(step, step.op));
            }
        } else if (event.kind === "outputs" && refreshing && event.step.op === "refresh") {
            const changed = (event.op === "update" && event.step.detailedDiff) || event.op === "delete";
            const index = steps.findIndex(({ urn }) => urn === event.step.urn);
            if (changed && index >= 0) {
                steps[index] = stepToJson(event.step, event.op);
            }
        }
    }
    return steps;
}

export function previewDiagnostics(events: readonly EngineEvent[]): Omit<Diagnostic, "ephemeral">[] {
    return events.flatMap((event) => {
        if (event.kind !== "diagnostic" || event.diagnostic.ephemeral || event.diagnostic.severity === "debug") {
            return [];
        }
        const { urn, message, severity } = event.diagnostic;
        const label = severity === "error" || severity === "warning" ? `${severity}: ` : "";
        return [{ ...(urn !== undefined && { urn }), message: `${label}${message}\n`, severity }];
    });
}
