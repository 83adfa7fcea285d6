import { constants } from "node:os";
import type { Client, ClientChannel } from "ssh2";
import type { RunOptions, RunResult } from "./connection";
import { watchForText } from "./handOver";
import { hostError } from "./hostError";
import { lineSplitter } from "./lineSplitter";
import { openChannel } from "./openChannel";

/** An open connection, as far as commands need it. */
export interface CommandHost {
    readonly client: Client;
    /** For texts. */
    readonly host: string;
    readonly user: string;
    /** Rejects when the connection ends, whatever the reason. */
    readonly lost: Promise<never>;
    readonly sudoPassword: string | undefined;
}

/** Bytes in a millisecond: a link that is slower than 16 KiB a second runs into the time-outs. */
const slowestLink = 16;
/** However much is transferred: a host that dribbles must not hold an operation for hours. 20 MB on the slowest link. */
const longestTransferMs = 20 * 60_000;
/** How long a login shell may take until it has run what it reads first. */
const handOverMs = 60_000;

/** Runs one command over a connection. */
export function runCommand(
    { client, host, user, lost, sudoPassword }: CommandHost,
    command: string,
    stdin: string | Buffer,
    options: RunOptions,
): Promise<RunResult> {
    return new Promise((resolve, reject) => {
        const started = performance.now();
        const input = Buffer.from(stdin);
        let channel: ClientChannel | undefined;
        let settled = false;
        let bytes = 0;
        let code: number | undefined;
        let handedOver = false;
        let sudoAsked = 0;

        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            clearTimeout(handOverTimer);
            end();
        };
        const stop = (error: Error) =>
            settle(() => {
                if (channel) cutOff(channel);
                reject(error);
            });
        // What is still being transferred may take its time; what moves nothing may not.
        const timeLeft = () => {
            const transfer = Math.min((input.length + bytes) / slowestLink, longestTransferMs);
            return options.timeoutMs + transfer - (performance.now() - started);
        };
        const whenLate = () => {
            const left = timeLeft();
            if (left <= 0) stop(hostError("VF151", { host, seconds: options.timeoutMs / 1000 }));
            else timer = setTimeout(whenLate, left);
        };
        let timer = setTimeout(whenLate, options.timeoutMs);
        const notHandedOver = () => {
            const said = `${stderr.text()} ${stdout.text()}`.trim().replace(/\s+/g, " ").slice(0, 300);
            const detail = `it was not ready within ${handOverMs / 1000} s${said && ` and said ${said}`}.`;
            stop(hostError("VF176", { host, detail }));
        };
        const handOverTimer = options.handOver && setTimeout(notHandedOver, handOverMs);
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

        const giveInput = (opened: ClientChannel) => {
            if (handedOver) return;
            handedOver = true;
            clearTimeout(handOverTimer);
            opened.end(input);
        };
        /** The password once; asked again, it was wrong, and sudo is told that there is no other. */
        const answerSudo = (opened: ClientChannel) => {
            if (handedOver) return;
            sudoAsked++;
            if (sudoAsked === 1 && sudoPassword !== undefined) opened.write(`${sudoPassword}\n`);
            else opened.end();
        };

        const begin = (opened: ClientChannel) => {
            channel = opened;
            if (settled) return cutOff(opened);
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
                    const dialogue = options.handOver && { handedOver, sudoAsked };
                    return settle(() => resolve({ ...result, ...dialogue }));
                }
                // Where the connection was lost, that is heard a moment later and says more.
                const reason = "a command ended without a status";
                setTimeout(() => settle(() => reject(hostError("VF150", { host, reason }))), 300);
            });
            if (!options.handOver) return giveInput(opened);
            const { ready, sudoPrompt } = options.handOver;
            opened.on(
                "data",
                watchForText(`\n${ready}\n`, () => giveInput(opened)),
            );
            opened.stderr.on(
                "data",
                watchForText(sudoPrompt, () => answerSudo(opened)),
            );
        };

        openChannel(client, command, () => settled, begin).catch((error: Error & { reason?: unknown }) => {
            // A refusal has a reason; anything else is the end of the connection, which `lost` knows better.
            if (typeof error.reason === "number" || /Unable to exec/.test(error.message))
                stop(hostError("VF159", { host, user, reason: error.message.replace(/^\(SSH\) /, "") }));
            else setTimeout(() => stop(hostError("VF150", { host, reason: "it is closed" })), 300);
        });
    });
}

/**
 * Cuts a command off from its input and output, and asks for its end. OpenSSH refuses that request for root, and sudo's
 * command is not the user's to signal; nor would ending a step of the protocol half-way be safer than letting it end by
 * itself: everything it waits for has a time-out of its own on the host.
 */
function cutOff(channel: ClientChannel): void {
    try {
        channel.on("error", () => undefined);
        channel.signal("KILL");
        channel.close();
    } catch {
        // The connection is gone, and the channel with it.
    }
}
