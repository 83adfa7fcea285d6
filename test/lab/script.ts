import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A script of a host that runs until its input ends, and says by words how far it is. */
export interface RunningScript {
    readonly pid: number;
    /** Every line it has printed. */
    readonly said: readonly string[];
    /** Resolves to the signal that ended it, if one did. */
    readonly exited: Promise<NodeJS.Signals | null>;
    /** Resolves when it has said `word`; rejects with what it complained of when it ends or takes too long. */
    until(word: string): Promise<void>;
    tell(line: string): void;
    endInput(): void;
    kill(): void;
}

const timeout = 30_000;

/** Starts a script; `name` is for its errors. */
export function startScript(name: string, argv: readonly string[], env: NodeJS.ProcessEnv): RunningScript {
    const [program = "", ...args] = argv;
    // Not in the terminal's process group: an interrupt ends it through its input, in order.
    const child = spawn(program, args, { detached: true, stdio: ["pipe", "pipe", "pipe"], env });
    const said: string[] = [];
    const complaints: string[] = [];
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => said.push(line));
    createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
    child.stdin.on("error", () => undefined);
    const exited = once(child, "exit").then(([, signal]) => signal as NodeJS.Signals | null);

    function until(word: string): Promise<void> {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => fail(`did not say "${word}" in time`), timeout);
            const onLine = () => {
                if (!said.includes(word)) return;
                finish();
                resolve();
            };
            const onExit = () => setImmediate(() => fail(`ended before it said "${word}"`));
            function finish() {
                clearTimeout(timer);
                lines.off("line", onLine);
                child.off("close", onExit);
                child.off("error", fail);
            }
            function fail(reason: string | Error) {
                finish();
                reject(new Error(`lab host ${name}: ${String(reason)}: ${complaints.join("\n")}`));
            }
            lines.on("line", onLine);
            child.on("close", onExit);
            child.on("error", fail);
            onLine();
            if (child.exitCode !== null || child.signalCode !== null) onExit();
        });
    }
    return {
        pid: child.pid ?? 0,
        said,
        exited,
        until,
        tell: (line) => child.stdin.write(`${line}\n`),
        endInput: () => child.stdin.end(),
        kill: () => child.kill("SIGKILL"),
    };
}
