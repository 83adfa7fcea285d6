import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStack } from "../../../engine/stack";
import type { StackOptions } from "../../../engine/stack";
import type { StepJson } from "../../../engine/json";
import { resourceToJson } from "../../../engine/stateFormat";
import type { ResourceJson } from "../../../engine/stateFormat";
import type { Operation } from "../scenarios/scenario";

export interface Previewed {
    readonly ok: boolean;
    readonly steps: readonly StepJson[];
    readonly changeSummary: unknown;
    /** What was said. */
    readonly text?: string;
}

/** What a scenario needs of an engine: the same for the embedded one and for the real one. */
export interface ScenarioEngine {
    readonly preview: (operation: Operation) => Promise<Previewed>;
    /** Does it; `text` is all that was said. */
    readonly run: (operation: Operation) => Promise<{ readonly ok: boolean; readonly text: string }>;
    /** All resources, secrets in clear as `{ secret: value }` after normalising. */
    readonly state: () => Promise<readonly ResourceJson[]>;
}

export async function embeddedEngine(options: StackOptions): Promise<ScenarioEngine> {
    const stack = openStack(options);
    const perform = (operation: Operation, preview: boolean): ReturnType<typeof stack.up> => {
        const how = { ...(operation.refresh && { refresh: true }) };
        switch (operation.run) {
            case "preview":
                return stack.preview(how);
            case "up":
                return preview ? stack.preview(how) : stack.up(how);
            case "refresh":
                return stack.refresh({ preview });
            case "destroy":
                return stack.destroy({ ...how, preview });
        }
    };
    return {
        preview: async (operation) => {
            const { ok, steps, json, diagnostics } = await perform(operation, true);
            const text = diagnostics.map(({ message }) => message).join("\n");
            return { ok, steps, changeSummary: json.changeSummary, text };
        },
        run: async (operation) => {
            const { ok, diagnostics } = await perform(operation, false);
            return { ok, text: diagnostics.map(({ message }) => message).join("\n") };
        },
        state: async () => stack.state().resources.map((resource) => resourceToJson(resource, (values) => values)),
    };
}

interface Output {
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export async function realEngine(options: StackOptions): Promise<ScenarioEngine> {
    const backend = join(options.stateDir, "real");
    mkdirSync(backend, { recursive: true });
    const env: NodeJS.ProcessEnv = {
        ...(options.env ?? process.env),
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_HOME: join(options.stateDir, "pulumi-home"),
        PULUMI_CONFIG_PASSPHRASE: options.passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    const pulumi = (...args: string[]): Promise<Output> =>
        new Promise((resolve) => {
            execFile(
                "pulumi",
                ["--non-interactive", ...args],
                { cwd: options.projectDir, env, maxBuffer: 1 << 28 },
                (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
            );
        });
    const must = async (...args: string[]): Promise<string> => {
        const output = await pulumi(...args);
        if (output.code !== 0) {
            throw new Error(`pulumi ${args.join(" ")} failed: ${output.stdout}${output.stderr}`);
        }
        return output.stdout;
    };
    await must("stack", "init", options.stack);
    for (const [key, value] of Object.entries(options.config ?? {})) {
        await must("config", "set", "--plaintext", key, "--", value);
    }
    for (const [key, value] of Object.entries(options.secretConfig ?? {})) {
        await must("config", "set", "--secret", key, "--", value);
    }
    const flags = (operation: Operation): string[] => (operation.refresh ? ["--refresh"] : []);
    return {
        preview: async (operation) => {
            const command =
                operation.run === "refresh" || operation.run === "destroy"
                    ? [operation.run, "--preview-only"]
                    : ["preview"];
            const { code, stdout } = await pulumi(...command, "--json", ...flags(operation));
            const json = JSON.parse(stdout) as { steps?: StepJson[]; changeSummary?: unknown };
            return { ok: code === 0, steps: json.steps ?? [], changeSummary: json.changeSummary ?? {} };
        },
        run: async (operation) => {
            if (operation.run === "preview") {
                return { ok: true, text: "" };
            }
            const args = [operation.run, "--yes", "--skip-preview", ...flags(operation)];
            const { code, stdout, stderr } = await pulumi(...args);
            return { ok: code === 0, text: `${stdout}${stderr}` };
        },
        state: async () => {
            const exported = JSON.parse(await must("stack", "export", "--show-secrets")) as {
                deployment: { resources?: ResourceJson[] };
            };
            return exported.deployment.resources ?? [];
        },
    };
}
