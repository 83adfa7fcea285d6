import { spawn } from "node:child_process";
import { collectOutput, commandFailure } from "./commandOutput";
import type { CommandOutput, CommandRun } from "./commandRun";
import { isList } from "./values";

/** Runs a command on this machine, with `/bin/sh -c` unless told another interpreter. */
export function runLocally(run: CommandRun): Promise<CommandOutput> {
    const { interpreter, dir } = run.inputs;
    const [program = "/bin/sh", ...args] = isList(interpreter) ? interpreter.map(String) : ["/bin/sh", "-c"];
    const child = spawn(program, [...args, run.command], {
        ...(typeof dir === "string" && { cwd: dir }),
        env: { ...process.env, ...run.previousOutput, ...run.environment },
    });
    const collected = collectOutput(run, child);
    // A command that does not read what it is given is no failure.
    child.stdin.on("error", () => undefined);
    child.stdin.end(run.stdin);
    return new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code, signal) =>
            code === 0
                ? resolve(collected.output())
                : reject(
                      commandFailure(
                          run,
                          signal === null ? `exit status ${code}` : `signal: ${signal}`,
                          collected.all(),
                      ),
                  ),
        );
    });
}
