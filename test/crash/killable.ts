import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { StackOptions } from "../../engine/stack";
import { until } from "./standStill";

/** The engine, the program and the provider of one operation, as processes that can be killed together. */
export interface Killable {
    /** Rejects when the operation ends by itself. */
    readonly endedEarly: Promise<never>;
    kill(): Promise<void>;
}

export function startKillable(operation: "up" | "destroy", parallel: number, options: StackOptions): Killable {
    // A process group of its own: the program and the provider are in it too.
    const child = spawn(
        process.execPath,
        [join(__dirname, "../host/operationProcess.mjs"), operation, String(parallel)],
        {
            detached: true,
            stdio: ["pipe", "pipe", "inherit"],
        },
    );
    const said = text(child.stdout);
    const exited = once(child, "exit");
    const endedEarly = exited.then(async (): Promise<never> => {
        throw new Error(`${operation} ended before every host stood still:\n${await said}`);
    });
    endedEarly.catch(() => undefined);
    child.stdin.on("error", () => undefined);
    child.stdin.write(`${JSON.stringify(options)}\n`);

    function groupLives(): boolean {
        try {
            return process.kill(-child.pid!, 0);
        } catch {
            return false;
        }
    }
    return {
        endedEarly,
        async kill() {
            if (groupLives()) process.kill(-child.pid!, "SIGKILL");
            await exited;
            await until(() => !groupLives(), 10, "the killed processes to be gone");
        },
    };
}
