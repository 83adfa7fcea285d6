import type { ResourceJson } from "../../../engine/stateFormat";

/** What happens outside the program before an operation; `directory` is the program's. */
export type Action = (directory: string) => void | Promise<void>;

export interface Operation {
    /** Names the operation in recordings and messages. */
    readonly name: string;
    readonly run: "preview" | "up" | "refresh" | "destroy";
    /** `--refresh`: look at the hosts first. */
    readonly refresh?: boolean;
    /** The program from here on. */
    readonly program?: ProgramData;
    readonly before?: Action;
    /** The operation has to fail. */
    readonly fails?: boolean;
}

/** What the scenario program builds: written to its `scenario.json`. */
export interface ProgramData {
    readonly templates?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A story told once and run by both engines. Every operation is previewed first; both are recorded. */
export interface Scenario {
    readonly name: string;
    readonly secretConfig?: Readonly<Record<string, string>>;
    readonly operations: readonly Operation[];
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
    readonly state: readonly Partial<ResourceJson>[];
}
