import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepJson } from "./json";
import { nameOf } from "./state";
import { openStack } from "./stack";

export type { PropertyDiffJson, StepJson } from "./json";
export type { ResourceJson } from "./stateFormat";
export type { Properties, Value } from "./values";

/** A program to look at. */
export interface PreviewProgramOptions {
    /** The folder of the program's `Pulumi.yaml`; its `node_modules` must be installed. */
    readonly projectDir: string;
    /** Name of the stack, what `pulumi.getStack()` gives. Default `test`. */
    readonly stack?: string;
    /** Configuration by key, `key` or `namespace:key`. Example: `{ office: "198.51.100.0/24" }`. Default: none. */
    readonly config?: Readonly<Record<string, string>>;
    /** Configuration that is secret. Its values come out of the preview as `[secret]`. Default: none. */
    readonly secretConfig?: Readonly<Record<string, string>>;
    /** Environment of the program. Default: that of this process. */
    readonly env?: NodeJS.ProcessEnv;
}

/** What a program would make of an empty stack. */
export interface ProgramPreview {
    /** False where the program or a check failed; `errors` says why. */
    readonly ok: boolean;
    /** One step per resource, in the shape of `pulumi preview --json`; all are creates. */
    readonly steps: readonly StepJson[];
    readonly errors: readonly string[];
    readonly warnings: readonly string[];
    /** The preview as a person reads it, with all properties. */
    readonly text: string;
    /**
     * The step of one resource.
     *
     * @param type The last part of its type or the whole of it, for example `FirewallRule`.
     * @param name Its name in the program, for example `web/ssh`.
     * @throws An Error that lists what there is, where there is no such resource or more than one.
     */
    readonly step: (type: string, name: string) => StepJson;
}

/**
 * Previews a Pulumi program on an empty stack with the embedded engine: nothing is installed, nothing is reached over
 * the network, nothing is changed, no state is kept. Made for tests of programs that use this library.
 *
 * @example
 * const preview = await previewProgram({ projectDir: __dirname, config: { office: "198.51.100.0/24" } });
 * expect(preview.errors).toEqual([]);
 * expect(preview.step("FirewallRule", "web/ssh").newState?.inputs).toMatchObject({
 *     rule: "accept tcp from 198.51.100.0/24 to port 22",
 * });
 *
 * @throws An Error where the folder holds no Node project with `@pulumi/pulumi` installed. What the engine does not
 * implement (providers of other packages, `get`, transforms, hooks, ...) is an entry in `errors` that names it.
 */
export async function previewProgram(options: PreviewProgramOptions): Promise<ProgramPreview> {
    const stateDir = mkdtempSync(join(tmpdir(), "vps-firewall-preview-"));
    try {
        const stack = openStack({ ...options, stack: options.stack ?? "test", stateDir, passphrase: "" });
        const { ok, steps, text, diagnostics } = await stack.preview({ diff: true });
        const said = (severity: string): string[] =>
            diagnostics.filter((diagnostic) => diagnostic.severity === severity).map(({ message }) => message);
        return {
            ok,
            steps,
            errors: said("error"),
            warnings: said("warning"),
            text,
            step: (type, name) => findStep(steps, type, name),
        };
    } finally {
        rmSync(stateDir, { recursive: true, force: true });
    }
}

function findStep(steps: readonly StepJson[], type: string, name: string): StepJson {
    const typeOf = (step: StepJson): string => (step.newState ?? step.oldState)?.type ?? "";
    const found = steps.filter(
        (step) => nameOf(step.urn) === name && [typeOf(step), typeOf(step).split(":").at(-1)].includes(type),
    );
    const [step] = found;
    if (step === undefined || found.length > 1) {
        const there = steps.map((each) => `${typeOf(each)} ${nameOf(each.urn)}`).join(", ");
        throw new Error(`${found.length} resources are a ${type} ${name}; there are: ${there}`);
    }
    return step;
}
