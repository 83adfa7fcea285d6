import { spawn } from "node:child_process";

export interface CommandResult {
    /** Exit status; 128 + the signal's number is not used: a command ended by a signal has -1. */
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
}

export interface CommandOptions {
    readonly input?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
}

/** Runs a program to its end; a status other than 0 is a result, not an error. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const [program, ...args] = argv;
    if (program === undefined) throw new Error("no program to run");
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { env: options.env ?? process.env, cwd: options.cwd });
        const stdout: Buffer[] = [];
        const stderr: Buffer[] = [];
        child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
        child.on("error", reject);
        child.on("close", (code) =>
            resolve({
                code: code ?? -1,
                stdout: Buffer.concat(stdout).toString(),
                stderr: Buffer.concat(stderr).toString(),
            }),
        );
        // A program may end without reading its input.
        child.stdin.on("error", () => undefined);
        child.stdin.end(options.input ?? "");
    });
}

/** Runs a program that has to succeed; the error names it and says what it said. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
    const result = await runCommand(argv, options);
    if (result.code !== 0) throw new Error(`${argv.join(" ")} ended with ${result.code}: ${result.stderr.trim()}`);
    return result.stdout;
}
