import type { Socket } from "node:net";
import type { Credentials, Session, Surroundings, Target } from "./connection";
import { findLogins } from "./credentials";
import { dial, reasonOf, withRetries } from "./dial";
import type { Endpoint } from "./endpoint";
import { resolveEndpoint } from "./endpoint";
import { hostError } from "./hostError";
import type { LoggedIn } from "./handshake";
import { handshake } from "./handshake";
import { formatHostKey } from "./hostKeys";
import { knownEntries } from "./lookUpHostKeys";
import { runCommand } from "./runCommand";

/**
 * Opens a new TCP connection to a host, checks its host key and logs in. Files and credentials are read on each call, so
 * that a key rotated meanwhile is used. Connection errors are tried again as `dialErrorLimit` says; nothing else is.
 *
 * @param options.signal ends the attempt (VF155); a session that is open is ended with `close`
 * @throws FirewallError VF140 to VF149, VF153 to VF155
 * @example const session = await openSession({ host: "192.0.2.10" }, {}, { config: {}, env: process.env, home: homedir() });
 */
export async function openSession(
    target: Target,
    credentials: Credentials,
    surroundings: Surroundings,
    options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Session> {
    const endpoint = resolveEndpoint(target, surroundings);
    const logins = findLogins(endpoint, credentials, surroundings);
    const known = knownEntries(endpoint);
    const { signal } = options;
    return withRetries(endpoint, signal, async () => {
        const socket = await dial(endpoint, signal);
        return sessionOf(endpoint, socket, await handshake(socket, endpoint, logins, known, signal));
    });
}

function sessionOf(endpoint: Endpoint, socket: Socket, loggedIn: LoggedIn): Session {
    const { client, hostKey, trust, warning } = loggedIn;
    const host = endpoint.label;
    // Read now: a closed socket has no addresses any more.
    const { localAddress = "", localPort = 0 } = socket;

    let closedByUs = false;
    const lost = new Promise<never>((_, reject) => {
        const fail = (reason: string) => reject(hostError("VF150", { host, reason }));
        client.on("error", (error: Error & { level?: string }) => {
            if (error.level === "client-timeout") fail("the host no longer answers");
            else fail(error.level === "client-socket" ? reasonOf(error) : error.message);
        });
        client.on("close", () => fail(closedByUs ? "it was closed" : "the host closed it"));
    });
    // Nobody may be waiting when it happens.
    lost.catch(() => undefined);

    return {
        clientAddress: localAddress,
        clientPort: localPort,
        hostKey: formatHostKey(hostKey),
        hostKeyTrust: trust,
        warnings: warning === undefined ? [] : [warning],
        run: (command, stdin, runOptions) => runCommand(client, host, lost, command, stdin, runOptions),
        close() {
            closedByUs = true;
            client.end();
            socket.destroy();
        },
    };
}
