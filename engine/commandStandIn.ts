import { randomBytes } from "node:crypto";
import { notImplemented } from "./errors";
import type { Diagnostic } from "./events";
import { runLocally } from "./localCommand";
import type { ResourceProvider } from "./provider";
import { runRemotely } from "./remoteCommand";
import { nameOf } from "./state";
import { deepEquals, isPlainObject, unknownValue } from "./values";
import type { CommandOutput, CommandRun } from "./commandRun";
import type { Properties, Value } from "./values";

type Runner = (run: CommandRun) => Promise<CommandOutput>;

interface Kind {
    readonly run: Runner;
    readonly inputs: readonly string[];
}

const common = ["create", "update", "delete", "triggers", "stdin", "environment", "logging", "addPreviousOutputInEnv"];
const kinds: Readonly<Record<string, Kind>> = {
    "command:remote:Command": {
        run: runRemotely,
        inputs: [...common, "connection"],
    },
    "command:local:Command": {
        run: runLocally,
        inputs: [...common, "dir", "interpreter"],
    },
};

/** Stands in for the plugin of `@pulumi/command`, which is not there; the rest of that package is refused by name. */
export function commandProvider(type: string, say: (diagnostic: Diagnostic) => void): ResourceProvider {
    const kind = kinds[type];
    if (kind === undefined) {
        throw notImplemented(`${type}`);
    }
    const run = (
        urn: string,
        command: Value | undefined,
        inputs: Properties,
        old: Properties,
    ): Promise<CommandOutput> => {
        const { logging, stdin, environment } = inputs;
        const logged = typeof logging === "string" ? logging : "stdoutAndStderr";
        return kind.run({
            command: String(command),
            environment: texts(environment),
            previousOutput: inputs["addPreviousOutputInEnv"] === false ? {} : previousOutput(old),
            stdin: typeof stdin === "string" ? stdin : "",
            inputs,
            onLine: (line, stream) => {
                if (logged === "stdoutAndStderr" || logged === stream) {
                    say({ severity: "info", urn, message: line, ephemeral: true });
                }
            },
            warn: (message) => say({ severity: "warning", urn, message }),
        });
    };
    return {
        check: (_urn, _old, now) => {
            const stranger = Object.keys(now).find((key) => !kind.inputs.includes(key) && now[key] !== null);
            if (stranger !== undefined) {
                throw notImplemented(`the input ${stranger} of ${type}`);
            }
            return Promise.resolve({ inputs: now, failures: [] });
        },
        diff: (_urn, _id, old, now) =>
            Promise.resolve({
                changes: "unknown",
                replaces: deepEquals(old.inputs["triggers"] ?? null, now["triggers"] ?? null) ? [] : ["triggers"],
                deleteBeforeReplace: false,
            }),
        create: async (urn, inputs) => {
            const id = `${nameOf(urn)}${randomBytes(4).toString("hex")}`;
            const { create } = inputs;
            const output = create === undefined ? { stdout: "", stderr: "" } : await run(urn, create, inputs, {});
            return { id, outputs: { ...inputs, ...output } };
        },
        update: async (urn, _id, old, now) => {
            const command = now["update"] ?? now["create"];
            const { stdout = "", stderr = "" } = old.outputs;
            const output = command === undefined ? { stdout, stderr } : await run(urn, command, now, old.outputs);
            return { ...now, ...output };
        },
        // The plugin cannot look at what its commands have done either: it gives back what it was given.
        read: (_urn, id, inputs, outputs) => Promise.resolve({ id, outputs, inputs }),
        delete: async (urn, _id, _inputs, outputs) => {
            if (outputs["delete"] !== undefined) {
                await run(urn, outputs["delete"], outputs, outputs);
            }
        },
    };
}

function texts(value: Value | undefined): Record<string, string> {
    return isPlainObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]))
        : {};
}

function previousOutput(old: Properties): Record<string, string> {
    const entries = [
        ["PULUMI_COMMAND_STDOUT", old["stdout"]],
        ["PULUMI_COMMAND_STDERR", old["stderr"]],
    ] as const;
    return Object.fromEntries(
        entries.flatMap(([key, value]) =>
            typeof value === "string" && value !== "" && value !== unknownValue ? [[key, value]] : [],
        ),
    );
}
