import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connectOn } from "./connectOn";
import type { Credentials, Session, Surroundings, Target } from "./connection";
import { findLogins, findSudoPassword } from "./credentials";
import { dial, reasonOf, withRetries } from "./dial";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";
import type { LoggedIn } from "./handshake";
import { handshake } from "./handshake";
import { formatHostKey } from "./hostKeys";
import type { PinnedKeys } from "./jumpHosts";
import { resolveWay } from "./jumpHosts";
import { knownHostName } from "./knownHosts";
import { watchLiveness } from "./liveness";
import { knownEntries } from "./lookUpHostKeys";
import { runCommand } from "./runCommand";

export interface SessionOptions {
    /** Ends the attempt (VF155); a session that is open is ended with `close`. */
    readonly signal?: AbortSignal | undefined;
    /** `acceptedProxyKeys` of an earlier session. Default: none. */
    readonly pinnedProxyKeys?: PinnedKeys | undefined;
}

/** One machine on the way, logged in to. */
interface Leg extends LoggedIn {
    readonly endpoint: Endpoint;
    readonly stream: Duplex;
}

/**
 * Opens a new TCP connection to a host, checks its host key and logs in; through its jump hosts where it has some, each
 * checked and logged in to as well. Files and credentials are read on each call, so that a key rotated meanwhile is
 * used. Connection errors are tried again as `dialErrorLimit` says; nothing else is.
 *
 * @throws FirewallError VF140 to VF149, VF153 to VF155, VF157
 * @example const session = await openSession({ host: "192.0.2.10" }, {}, { config: {}, env: process.env, home: homedir() });
 */
export async function openSession(
    target: Target,
    credentials: Credentials,
    surroundings: Surroundings,
    { signal, pinnedProxyKeys }: SessionOptions = {},
): Promise<Session> {
    const way = resolveWay(target, surroundings, credentials.agentSocketPath, pinnedProxyKeys).map((endpoint) => ({
        endpoint,
        logins: findLogins(endpoint, credentials, surroundings),
        known: knownEntries(endpoint),
    }));
    return withRetries(target.host, signal, async () => {
        const legs: Leg[] = [];
        try {
            let socket: Socket | undefined;
            for (const { endpoint, logins, known } of way) {
                const jump = legs.at(-1);
                const stream = jump ? await connectOn(jump, endpoint, signal) : (socket = await dial(endpoint, signal));
                legs.push({ ...(await handshake(stream, endpoint, logins, known, signal)), endpoint, stream });
            }
            return sessionOf(socket as Socket, legs, findSudoPassword(credentials, surroundings));
        } catch (error) {
            end(legs);
            throw error;
        }
    });
}

function end(legs: readonly Leg[]): void {
    for (const { client, stream } of [...legs].reverse()) {
        client.end();
        stream.destroy();
    }
}

function sessionOf(socket: Socket, legs: readonly Leg[], sudoPassword: string | undefined): Session {
    const last = legs.at(-1) as Leg;
    const { client, hostKey, trust } = last;
    const host = last.endpoint.label;
    // Read now: a closed socket has no addresses any more.
    const { localAddress = "", localPort = 0 } = socket;

    let closedByUs = false;
    const watches: (() => void)[] = [];
    const lost = new Promise<never>((_, reject) => {
        const fail = (reason: string) => {
            watches.forEach((stop) => stop());
            reject(hostError("VF150", { host, reason: closedByUs ? "it was closed" : reason }));
        };
        // The first machine that is lost takes those behind it with it, so it is listened to first.
        for (const { client, endpoint, stream } of legs) {
            const who = endpoint === last.endpoint ? "the host" : endpoint.label;
            client.on("error", (error: Error & { level?: string }) => {
                const reason = error.level === "client-socket" ? reasonOf(error) : error.message;
                fail(endpoint === last.endpoint ? reason : `${who}: ${reason}`);
            });
            client.on("close", () => fail(`${who} closed it`));
            const silent = () => {
                fail(`${who} no longer answers`);
                stream.destroy();
            };
            watches.push(watchLiveness(stream, silent));
        }
    });
    // Nobody may be waiting when it happens.
    lost.catch(() => undefined);

    return {
        clientAddress: localAddress,
        clientPort: localPort,
        hostKey: formatHostKey(hostKey),
        hostKeyTrust: trust,
        acceptedProxyKeys: acceptedKeys(legs.slice(0, -1)),
        hasSudoPassword: sudoPassword !== undefined,
        warnings: legs.flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
        run: (command, stdin, runOptions) =>
            runCommand({ client, host, user: last.endpoint.user, lost, sudoPassword }, command, stdin, runOptions),
        close() {
            closedByUs = true;
            watches.forEach((stop) => stop());
            end(legs);
        },
    };
}

function acceptedKeys(jumps: readonly Leg[]): Record<string, string> {
    const accepted = jumps.filter(({ trust }) => trust === "accepted-new");
    return Object.fromEntries(
        accepted.map(({ endpoint, hostKey }) => [knownHostName(endpoint.host, endpoint.port), formatHostKey(hostKey)]),
    );
}
