import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A process the engine started: nothing of it outlives the engine's call. */
export interface Child {
    readonly process: ChildProcess;
    /** Its exit code, once all its output has been read; null where a signal ended it. */
    readonly exited: Promise<number | null>;
    readonly stop: () => Promise<void>;
}

export interface ChildOptions {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
}

// A killed engine cannot stop its children; but its end of the pipe closes, and that they notice.
const exitWithEngine = `data:text/javascript,${encodeURIComponent(
    'process.stdin.on("end", () => process.exit(1)).resume(); process.stdin.unref();',
)}`;

// One listener for all: each would count, and Node warns of many.
const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Runs a Node script with its output as lines. */
export function startNode(options: ChildOptions): Child {
    const child = spawn(process.execPath, [`--import=${exitWithEngine}`, ...options.args], {
        cwd: options.cwd,
        env: options.env,
        stdio: ["pipe", "pipe", "pipe"],
    });
    const read = (stream: Readable, name: "stdout" | "stderr"): void => {
        createInterface({ input: stream }).on("line", (line) => options.onLine(line, name));
    };
    read(child.stdout, "stdout");
    read(child.stderr, "stderr");
    const exited = new Promise<number | null>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", resolve);
    });
    // Whoever waits for the exit hears of a failed start; nobody waiting is no reason to crash.
    exited.catch(() => undefined);
    running.add(child);
    void exited.catch(() => undefined).then(() => running.delete(child));
    return {
        process: child,
        exited,
        stop: async () => {
            child.kill("SIGTERM");
            const late = setTimeout(() => child.kill("SIGKILL"), 5000);
            await exited.catch(() => undefined);
            clearTimeout(late);
        },
    };
}
