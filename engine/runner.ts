import { openStack } from "./stack";
import type { OperationOptions, StackOptions } from "./stack";
import { messageOf } from "./errors";

/** What the runner gets as its one argument, as JSON. */
export interface RunnerInput {
    readonly stack: StackOptions;
    readonly run: "preview" | "up" | "refresh" | "destroy";
    readonly options?: Omit<OperationOptions, "onMessage"> & { readonly preview?: boolean };
}

/**
 * Runs one operation in a process of its own, so that it can be killed: `node runner.js '<json>'`. Writes one line of
 * JSON per message, `{ "message": ... }`, and at the end `{ "result": { "ok", "text" } }`. The exit code says how it went.
 */
async function main(input: RunnerInput): Promise<void> {
    const write = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
    const stack = openStack(input.stack);
    const { ok, text } = await stack[input.run]({ ...input.options, onMessage: (message) => write({ message }) });
    write({ result: { ok, text } });
    process.exitCode = ok ? 0 : 1;
}

main(JSON.parse(process.argv[2] ?? "{}") as RunnerInput).catch((error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 2;
});
