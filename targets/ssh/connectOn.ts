import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { printable } from "../../core/model/diagnostics";
import { cancelled, ConnectionFailure } from "./dial";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";

/** Codes of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254) that another try may not meet. */
const CONNECT_FAILED = 2;
const RESOURCE_SHORTAGE = 4;

/**
 * Has a jump host open a TCP connection to the next machine. Fails with ConnectionFailure where that machine could not
 * be reached, with VF157 where the jump host does not want to.
 */
export function connectOn(
    jump: { readonly client: Client; readonly endpoint: Endpoint },
    next: Endpoint,
    signal: AbortSignal | undefined,
): Promise<Duplex> {
    const { client, endpoint } = jump;
    return new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
            clearTimeout(timer);
            signal?.removeEventListener("abort", giveUp);
            client.off("close", lost);
            end();
        };
        const giveUp = () => settle(() => reject(cancelled(next.label, signal)));
        const lost = () => settle(() => reject(new ConnectionFailure(endpoint, "the connection was lost")));
        const late = () => settle(() => reject(new ConnectionFailure(next, `timed out, from ${endpoint.label}`)));
        const timer = next.perDialTimeout > 0 ? setTimeout(late, next.perDialTimeout * 1000) : undefined;
        signal?.addEventListener("abort", giveUp, { once: true });
        client.once("close", lost);
        if (signal?.aborted) return giveUp();

        try {
            // The source is only for the jump host's log.
            client.forwardOut("127.0.0.1", 0, next.host, next.port, (error, channel) =>
                settle(() => {
                    if (!error) resolve(channel);
                    else reject(failureOf(error));
                }),
            );
        } catch {
            lost();
        }

        const failureOf = (error: Error & { reason?: unknown }): Error => {
            const reason = wordsOf(error);
            if (error.reason === CONNECT_FAILED || error.reason === RESOURCE_SHORTAGE)
                return new ConnectionFailure(next, `${reason}, says ${endpoint.label}`);
            if (typeof error.reason !== "number") return new ConnectionFailure(endpoint, "the connection was lost");
            return hostError("VF157", { jump: endpoint.label, user: endpoint.user, host: next.label, reason });
        };
    });
}

function wordsOf(error: Error): string {
    const words = error.message.replace(/^\(SSH\) Channel open failure: /, "").toLowerCase();
    return printable(words || "no reason given", 200);
}
