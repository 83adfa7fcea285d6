import type { Socket } from "node:net";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";

/** One try to connect that failed in a way that the next may not. */
export class ConnectionFailure extends Error {
    constructor(
        /** The machine that could not be reached. */
        readonly at: Endpoint,
        message: string,
    ) {
        super(message);
    }
}

const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    ECONNRESET: "connection reset",
    EPIPE: "connection closed",
    ETIMEDOUT: "timed out",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network unreachable",
    EADDRNOTAVAIL: "no local address to connect from",
    EACCES: "not permitted by a local firewall",
    EPERM: "not permitted by a local firewall",
    EAI_AGAIN: "the name could not be looked up just now",
    ENOTFOUND: "the name does not resolve",
};

export function reasonOf(error: unknown): string {
    const { code } = error as NodeJS.ErrnoException;
    return (code !== undefined ? reasons[code] : undefined) ?? code ?? "connection failed";
}

/** Opens a TCP connection, or fails with ConnectionFailure; a name that doesn't exist fails for good (VF140). */
export async function dial(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Socket> {
    const { host, port, perDialTimeout, label } = endpoint;
    // Node tries the next address of a name after 250 ms by default, less than a far host needs to answer.
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2500 });
    try {
        await new Promise<void>((resolve, reject) => {
            const giveUp = () => reject(cancelled(label, signal));
            const timer =
                perDialTimeout > 0
                    ? setTimeout(() => reject(new ConnectionFailure(endpoint, "timed out")), perDialTimeout * 1000)
                    : undefined;
            signal?.addEventListener("abort", giveUp, { once: true });
            const settle = (end: () => void) => {
                clearTimeout(timer);
                signal?.removeEventListener("abort", giveUp);
                end();
            };
            socket.once("connect", () => settle(resolve));
            socket.once("error", (error: NodeJS.ErrnoException) =>
                settle(() => {
                    const reason = reasonOf(error);
                    const final = error.code === "ENOTFOUND";
                    reject(
                        final
                            ? hostError("VF140", { host: label, reason, tries: "1 try", seconds: 0 })
                            : new ConnectionFailure(endpoint, reason),
                    );
                }),
            );
        });
        return socket;
    } catch (error) {
        socket.on("error", () => undefined);
        socket.destroy();
        throw error;
    }
}

/**
 * Repeats `attempt` while it fails with ConnectionFailure and `dialErrorLimit` of the machine that failed forgives it,
 * waiting 1 s at first and up to 5 s later. Anything else it throws is final: a wrong key or a changed host key doesn't
 * get better by waiting.
 */
export async function withRetries<T>(
    host: string,
    signal: AbortSignal | undefined,
    attempt: () => Promise<T>,
): Promise<T> {
    const start = performance.now();
    for (let failures = 1; ; failures++) {
        if (signal?.aborted) throw cancelled(host, signal);
        try {
            return await attempt();
        } catch (error) {
            if (!(error instanceof ConnectionFailure)) throw error;
            const { dialErrorLimit, label } = error.at;
            if (dialErrorLimit >= 0 && failures > dialErrorLimit) {
                const seconds = Math.round((performance.now() - start) / 100) / 10;
                const tries = failures === 1 ? "1 try" : `${failures} tries`;
                throw hostError("VF140", { host: label, reason: error.message, tries, seconds });
            }
        }
        try {
            await sleep(Math.min(5000, 1000 * 1.5 ** (failures - 1)), undefined, signal ? { signal } : {});
        } catch {
            throw cancelled(host, signal);
        }
    }
}

export function cancelled(host: string, signal: AbortSignal | undefined): Error {
    const why: unknown = signal?.reason;
    const timedOut = why instanceof Error && why.name === "TimeoutError";
    return hostError("VF155", { host, reason: timedOut ? "the time for it is up" : "it was cancelled" });
}
