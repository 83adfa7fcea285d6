import type { Readable } from "node:stream";
import type { CommandOutput, CommandRun } from "./commandRun";

/** Gathers what a command writes, and hands on its lines as they come. */
export function collectOutput(
    run: CommandRun,
    streams: { readonly stdout: Readable; readonly stderr: Readable },
): { readonly output: () => CommandOutput; readonly all: () => string } {
    const texts = { stdout: "", stderr: "" };
    let all = "";
    for (const name of ["stdout", "stderr"] as const) {
        let line = "";
        streams[name].setEncoding("utf8");
        streams[name].on("data", (chunk: string) => {
            texts[name] += chunk;
            all += chunk;
            const lines = (line + chunk).split("\n");
            line = lines.pop() ?? "";
            lines.forEach((text) => run.onLine(text, name));
        });
        streams[name].on("end", () => {
            if (line !== "") {
                run.onLine(line, name);
            }
        });
    }
    const trimmed = (text: string): string => text.replace(/\n$/, "");
    return { output: () => ({ stdout: trimmed(texts.stdout), stderr: trimmed(texts.stderr) }), all: () => all };
}

/** How the plugin words a command that ended badly. */
export function commandFailure(run: CommandRun, how: string, written: string): Error {
    return new Error(`${how}: running ${JSON.stringify(run.command)}:\n${written}`);
}
