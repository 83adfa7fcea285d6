import type { StackOptions } from "../../../engine/stack";
import type { ResourceJson } from "../../../engine/stateFormat";

export interface Operation {
    /** Names the operation in recordings and messages. */
    readonly name: string;
    readonly run: "preview" | "up" | "refresh" | "destroy";
    /** `--refresh`: look at the hosts first. */
    readonly refresh?: boolean;
    /** What happens outside the engine before: the program changes, a host does. */
    readonly before?: () => void | Promise<unknown>;
    /** The operation has to fail. */
    readonly fails?: boolean;
}

/** A story told once and run by both engines. Every operation is previewed first; both are recorded. */
export interface Scenario {
    /** The stack it is told about, as the embedded engine opens it. */
    readonly stack: StackOptions;
    readonly operations: readonly Operation[];
    /** Texts that differ from run to run, by what stands for them in recordings. */
    readonly varying: Readonly<Record<string, string>>;
    /** Properties that differ from run to run, or that are nothing of the engine's. */
    readonly varyingProperties?: readonly string[];
    readonly close: () => void | Promise<void>;
}

/** A story that has not begun: beginning makes the program's folder, and the lab where it needs one. */
export interface Story {
    readonly name: string;
    readonly begin: () => Scenario | Promise<Scenario>;
}

/** A step of a preview without what differs from run to run. */
export interface RecordedStep {
    readonly op: string;
    readonly urn: string;
    readonly oldInputs?: unknown;
    readonly newInputs?: unknown;
    readonly diffReasons?: readonly string[];
    readonly replaceReasons?: readonly string[];
    readonly detailedDiff: unknown;
}

export interface RecordedOperation {
    readonly name: string;
    readonly run: string;
    readonly preview: {
        readonly ok: boolean;
        readonly steps: readonly RecordedStep[];
        readonly changeSummary: unknown;
    };
    readonly ok: boolean;
    /** The codes of the diagnostics that were said. */
    readonly codes: readonly string[];
    readonly state: readonly Partial<ResourceJson>[];
}
