import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import type { Client, ClientChannel } from "ssh2";
import { printable } from "../../core/model/diagnostics";
import type { RunOptions, RunResult } from "./connection";
import { hostError } from "./hostError";

/** Runs one command over a connection. `lost` rejects when the connection ends, whatever the reason. */
export function runCommand(
    client: Client,
    host: string,
    lost: Promise<never>,
    command: string,
    stdin: string | Buffer,
    options: RunOptions,
): Promise<RunResult> {
    return new Promise((resolve, reject) => {
        let channel: ClientChannel | undefined;
        let settled = false;
        let bytes = 0;
        let code: number | undefined;

        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            end();
        };
        const stop = (error: Error) =>
            settle(() => {
                if (channel) kill(channel);
                reject(error);
            });
        const timer = setTimeout(
            () => stop(hostError("VF151", { host, seconds: options.timeoutMs / 1000 })),
            options.timeoutMs,
        );
        lost.catch((error: Error) => settle(() => reject(error)));

        const collect = (stream: "stdout" | "stderr"): { take(chunk: Buffer): void; text(): string } => {
            const chunks: Buffer[] = [];
            const lines = options.onLine ? lineSplitter((line) => options.onLine?.(line, stream)) : undefined;
            return {
                take(chunk) {
                    if (settled) return;
                    bytes += chunk.length;
                    if (bytes > options.maxOutput) return stop(hostError("VF152", { host, bytes: options.maxOutput }));
                    chunks.push(chunk);
                    lines?.push(chunk);
                },
                text() {
                    lines?.end();
                    return Buffer.concat(chunks).toString("utf8");
                },
            };
        };
        const stdout = collect("stdout");
        const stderr = collect("stderr");

        const begin = (opened: ClientChannel) => {
            channel = opened;
            if (settled) return kill(opened);
            // A command may end without reading its input; how it ended tells more than the broken pipe.
            opened.on("error", () => undefined);
            opened.on("data", stdout.take);
            opened.stderr.on("data", stderr.take);
            opened.on("exit", (status: number | null, signal?: string) => {
                code = status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
            });
            opened.on("close", () => {
                if (code !== undefined) {
                    const result = { code, stdout: stdout.text(), stderr: stderr.text() };
                    return settle(() => resolve(result));
                }
                // Where the connection was lost, that is heard a moment later and says more.
                const reason = "a command ended without a status";
                setTimeout(() => settle(() => reject(hostError("VF150", { host, reason }))), 300);
            });
            opened.end(stdin);
        };

        try {
            client.exec(command, (error, opened) => {
                if (error) stop(hostError("VF150", { host, reason: `no channel could be opened (${error.message})` }));
                else begin(opened);
            });
        } catch {
            stop(hostError("VF150", { host, reason: "it is closed" }));
        }
    });
}

/**
 * Cuts a command off from its input and output, and asks for its end; OpenSSH refuses that request for root, so a command
 * that must not go on brings its own time-out (`timeout 30 ...`).
 */
function kill(channel: ClientChannel): void {
    try {
        channel.on("error", () => undefined);
        channel.signal("KILL");
        channel.close();
    } catch {
        // The connection is gone, and the channel with it.
    }
}

/** Cuts a stream of UTF-8 into printable lines; the last one needs no line end. */
function lineSplitter(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    return {
        push(chunk) {
            const lines = (rest + decoder.write(chunk)).split("\n");
            rest = lines.pop() ?? "";
            for (const line of lines) onLine(printable(line.replace(/\r$/, "")));
        },
        end() {
            if (rest !== "") onLine(printable(rest));
            rest = "";
        },
    };
}
