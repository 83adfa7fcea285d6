import { join } from "node:path";
import type { Diagnostic, EngineEvent } from "./events";
import { renderDiff } from "./display";
import { previewDiagnostics, previewSteps, stepToJson } from "./json";
import type { PreviewJson, StepJson } from "./json";
import { openProject } from "./project";
import type { Project } from "./project";
import { runOperation } from "./run";
import { openSnapshot } from "./snapshot";
import { openStateFile } from "./stateFile";
import type { StateFile } from "./stateFile";
import type { Deployment } from "./state";
import { countChanges, renderSummary } from "./summary";
import { renderTree } from "./tree";

export interface StackOptions {
    /** The folder of `Pulumi.yaml`. */
    readonly projectDir: string;
    /** Name of the stack, for example `dev`. */
    readonly stack: string;
    /** Default `organization`, as a file backend has it. */
    readonly organization?: string;
    /** Where the state file `<project>/<stack>.json` is kept; made if missing. */
    readonly stateDir: string;
    /** Encrypts the secrets in the state file. */
    readonly passphrase: string;
    /** Configuration by key, `key` or `namespace:key`. */
    readonly config?: Readonly<Record<string, string>>;
    /** Configuration whose values are secrets. */
    readonly secretConfig?: Readonly<Record<string, string>>;
    /** Environment of the program and the providers; default: this process's own. */
    readonly env?: NodeJS.ProcessEnv;
}

export interface OperationOptions {
    /** Read what is really there first. */
    readonly refresh?: boolean;
    /** The text in the form of `--diff`. */
    readonly diff?: boolean;
    /** How many operations at once; default 16. */
    readonly parallel?: number;
    /** Called with every message as it comes, progress lines included. */
    readonly onMessage?: (message: Diagnostic) => void;
}

export interface OperationResult {
    readonly ok: boolean;
    readonly steps: readonly StepJson[];
    readonly json: PreviewJson;
    /** What a person reads. */
    readonly text: string;
    readonly diagnostics: readonly Diagnostic[];
    /** The state afterwards, in clear; of a preview, the state as it stays. */
    readonly state: Deployment;
}

/** One stack of one project, with its state in a file of this engine. */
export interface Stack {
    readonly preview: (options?: OperationOptions) => Promise<OperationResult>;
    readonly up: (options?: OperationOptions) => Promise<OperationResult>;
    /** `preview: true` shows what would be taken into the state and changes nothing. */
    readonly refresh: (options?: OperationOptions & { readonly preview?: boolean }) => Promise<OperationResult>;
    readonly destroy: (options?: OperationOptions & { readonly preview?: boolean }) => Promise<OperationResult>;
    readonly state: () => Deployment;
    readonly stateFile: string;
}

/** Opens a stack. Throws an EngineError where there is no project or the passphrase is wrong. */
export function openStack(options: StackOptions): Stack {
    const project = openProject(options.projectDir);
    const file = openStateFile(join(options.stateDir, project.name, `${options.stack}.json`), options.passphrase);
    const run = (kind: Kind, how: OperationOptions): Promise<OperationResult> =>
        operate({ ...options, project, file, kind, how });
    return {
        preview: (how = {}) => run({ verb: "preview", dryRun: true }, how),
        up: (how = {}) => run({ verb: "up", dryRun: false }, how),
        refresh: (how = {}) => run({ verb: "refresh", dryRun: how.preview ?? false }, how),
        destroy: (how = {}) => run({ verb: "destroy", dryRun: how.preview ?? false }, how),
        state: file.read,
        stateFile: file.path,
    };
}

interface Kind {
    readonly verb: "preview" | "up" | "refresh" | "destroy";
    readonly dryRun: boolean;
}

interface Operation extends StackOptions {
    readonly project: Project;
    readonly file: StateFile;
    readonly kind: Kind;
    readonly how: OperationOptions;
}

const headings: Readonly<Record<Kind["verb"], readonly [string, string]>> = {
    preview: ["Previewing update", "Previewing update"],
    up: ["Previewing update", "Updating"],
    refresh: ["Previewing refresh", "Refreshing"],
    destroy: ["Previewing destroy", "Destroying"],
};

async function operate(operation: Operation): Promise<OperationResult> {
    const { kind, how, file, project } = operation;
    const named = (config: Readonly<Record<string, string>> = {}): Record<string, string> =>
        Object.fromEntries(
            Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project.name}:${key}`, value]),
        );
    const [plain, secrets] = [named(operation.config), named(operation.secretConfig)];
    const snapshot = openSnapshot(file.read(), kind.dryRun ? undefined : file);
    const events: EngineEvent[] = [];
    const started = Date.now();
    const ok = await runOperation({
        project,
        stack: operation.stack,
        organization: operation.organization ?? "organization",
        dryRun: kind.dryRun,
        parallel: how.parallel ?? 16,
        config: { ...plain, ...secrets },
        secretKeys: Object.keys(secrets),
        env: operation.env ?? process.env,
        snapshot,
        refresh: kind.verb === "refresh" ? "only" : how.refresh ? "first" : "no",
        program: kind.verb === "preview" || kind.verb === "up",
        emit: (event) => {
            events.push(event);
            if (event.kind === "diagnostic") {
                how.onMessage?.(event.diagnostic);
            }
        },
    });
    const blinded = Object.fromEntries(Object.keys(secrets).map((key) => [key, "[secret]"]));
    return resultOf(operation, events, ok, Date.now() - started, { ...plain, ...blinded });
}

function resultOf(
    { kind, how, file, stack }: Operation,
    events: readonly EngineEvent[],
    ok: boolean,
    duration: number,
    config: Readonly<Record<string, string>>,
): OperationResult {
    const refreshing = kind.verb === "refresh";
    const changeSummary = countChanges(events, refreshing);
    const errored = new Set(events.flatMap((event) => (event.kind === "failed" ? [event.step.urn] : []))).size;
    const body = how.diff ? renderDiff(events, kind.dryRun, refreshing) : renderTree(events, kind.dryRun);
    const steps = kind.dryRun ? previewSteps(events, refreshing) : doneSteps(events);
    return {
        ok,
        steps,
        json: {
            config,
            steps,
            diagnostics: previewDiagnostics(events),
            duration: duration * 1e6,
            changeSummary,
        },
        text: visible(
            `${headings[kind.verb][kind.dryRun ? 0 : 1]} (${stack}):\n${body}${renderSummary(changeSummary, kind.dryRun, errored, kind.dryRun ? undefined : duration)}`,
        ),
        diagnostics: events.flatMap((event) => (event.kind === "diagnostic" ? [event.diagnostic] : [])),
        state: file.read(),
    };
}

/** Control and direction characters of names and messages as text, so that none of them moves a terminal's cursor. */
function visible(text: string): string {
    return text.replace(/[^\P{C}\n]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** What was really done: steps that ended well, as they ended. */
function doneSteps(events: readonly EngineEvent[]): StepJson[] {
    const last = new Map<string, StepJson>();
    for (const event of events) {
        if (event.kind === "outputs" && event.op !== "same") {
            last.set(`${event.step.urn} ${event.op}`, stepToJson(event.step, event.op));
        }
    }
    return [...last.values()];
}
