import type { Duplex } from "node:stream";
import type { AnyAuthMethod, AuthenticationType } from "ssh2";
import { Client } from "ssh2";
import { printable, quote } from "../../core/model/diagnostics";
import { OrderedAgent } from "./agent";
import type { Login } from "./credentials";
import { cancelled, ConnectionFailure, reasonOf } from "./dial";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";
import type { HostKey } from "./hostKeys";
import { fingerprint, hostKeyAlgorithms, hostKeyOf } from "./hostKeys";
import type { KnownHost } from "./knownHosts";
import type { Verdict } from "./verifyHostKey";
import { passwordPrompt } from "./keyboardInteractive";
import { askSeconds } from "./liveness";
import { verifyHostKey } from "./verifyHostKey";

export interface LoggedIn extends Verdict {
    readonly client: Client;
    readonly hostKey: HostKey;
}

/** What ssh2 adds to its errors: where in the protocol, or the number a server disconnected with. */
interface ClientError {
    readonly level?: string;
    readonly code?: string | number;
    readonly message: string;
}

/** A server may say anything. */
const longestWords = 200;

/**
 * Agrees on keys, checks the host key and logs in, over a connected stream. Fails with ConnectionFailure where another
 * try may help, else with VF141, VF144 to VF147 or VF153. The stream is closed on every failure.
 */
export function handshake(
    socket: Duplex,
    endpoint: Endpoint,
    logins: readonly Login[],
    known: readonly KnownHost[],
    signal: AbortSignal | undefined,
): Promise<LoggedIn> {
    const { label, user, pinned } = endpoint;
    const client = new Client();
    const tried: string[] = [];
    let accepted: { hostKey: HostKey; verdict: Verdict } | undefined;
    let refusal: Error | undefined;

    return new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
            signal?.removeEventListener("abort", giveUp);
            end();
        };
        const fail = (error: Error) =>
            settle(() => {
                client.end();
                socket.destroy();
                reject(error);
            });
        const giveUp = () => fail(cancelled(label, signal));
        signal?.addEventListener("abort", giveUp, { once: true });
        if (signal?.aborted) return giveUp();

        const verify = (blob: Buffer): boolean => {
            try {
                const hostKey = hostKeyOf(blob);
                if (!hostKey) throw hostError("VF153", { host: label, reason: "its host key can't be read" });
                accepted = { hostKey, verdict: verifyHostKey(endpoint, known, hostKey) };
                return true;
            } catch (error) {
                refusal = error as Error;
                return false;
            }
        };

        client.on("ready", () => {
            if (accepted) {
                const { hostKey, verdict } = accepted;
                settle(() => resolve({ client, hostKey, ...verdict }));
            }
        });
        client.on("error", (error: ClientError) => {
            // An agent that doesn't answer is one source less; ssh2 goes on to the next by itself.
            if (error.level === "agent") tried.push("(the agent did not answer)");
            else fail(refusal ?? failureOf(error));
        });
        client.on("close", () =>
            fail(refusal ?? new ConnectionFailure(endpoint, "closed by the server during the handshake")),
        );

        const failureOf = (error: ClientError): Error => {
            if (error.level === "client-authentication" || (typeof error.code === "number" && tried.length > 0))
                return hostError("VF141", { host: label, user, tried: tried.join(", "), said: saidOf(error) });
            if (error.level === "client-timeout")
                return new ConnectionFailure(endpoint, "timed out during the handshake");
            if (error.level === "client-socket") return new ConnectionFailure(endpoint, reasonOf(error));
            if (/Connection lost before handshake/.test(error.message))
                return new ConnectionFailure(endpoint, "closed by the server before the handshake");
            if (typeof error.code === "number")
                return new ConnectionFailure(endpoint, `the server said ${wordsOf(error)}`);
            return hostError("VF153", { host: label, reason: wordsOf(error) });
        };

        client.connect({
            sock: socket,
            username: user,
            readyTimeout: (endpoint.perDialTimeout || 20) * 1000,
            keepaliveInterval: askSeconds * 1000,
            // Whether the peer lives is decided by watchLiveness.
            keepaliveCountMax: Number.MAX_SAFE_INTEGER,
            algorithms: {
                serverHostKey: hostKeyAlgorithms(
                    pinned ? [pinned] : known.filter((entry) => entry.marker === "none").map((entry) => entry.key),
                ),
            },
            hostVerifier: verify,
            authHandler: nextLogin(endpoint, logins, tried, fail),
        });
    });
}

/** Offers one login after the other, leaving out those the server doesn't take. */
function nextLogin(
    { user, label }: Endpoint,
    logins: readonly Login[],
    tried: string[],
    refuse: (error: Error) => void,
) {
    const waiting = [...logins];
    let asked = false;
    return (methods: AuthenticationType[] | null): AnyAuthMethod | false => {
        // Asks what the server takes, where that decides how a password is given; costs no try.
        if (methods === null && !asked && waiting[0]?.kind === "password") {
            asked = true;
            return { type: "none", username: user };
        }
        for (let login = waiting.shift(); login; login = waiting.shift()) {
            const method = methodFor(login, methods);
            if (method === undefined) {
                tried.push(`not ${login.source}, as the server takes only ${methods?.join(" and ")}`);
                continue;
            }
            tried.push(nameOf(login));
            if (method === "keyboard-interactive" && login.kind === "password") {
                const prompt = passwordPrompt(login.password, (asking) =>
                    refuse(hostError("VF158", { host: label, user, prompt: quote(asking) })),
                );
                return { type: method, username: user, prompt };
            }
            return authMethod(user, login);
        }
        return false;
    };
}

/** How a login is given to a server that takes `methods`; undefined where it can't be. */
function methodFor(login: Login, methods: AuthenticationType[] | null): AuthenticationType | undefined {
    const ways: AuthenticationType[] = login.kind === "password" ? ["password", "keyboard-interactive"] : ["publickey"];
    return ways.find((way) => methods === null || methods.includes(way));
}

function nameOf(login: Login): string {
    return login.kind === "key" ? `${login.source} (${fingerprintOf(login.key.getPublicSSH())})` : login.source;
}

function fingerprintOf(blob: Buffer): string {
    return fingerprint({ type: "", base64: blob.toString("base64") });
}

function authMethod(username: string, login: Login): AnyAuthMethod {
    if (login.kind === "key") return { type: "publickey", username, key: login.key };
    if (login.kind === "password") return { type: "password", username, password: login.password };
    return {
        type: "agent",
        username,
        agent: new OrderedAgent(login.socket, login.preferred, login.exclusive),
    };
}

/** What a server said when it hung up; our library's own words add nothing. */
function saidOf(error: ClientError): string {
    return typeof error.code === "number" ? `; the server said ${wordsOf(error)}` : "";
}

function wordsOf(error: ClientError): string {
    return printable(error.message, longestWords);
}
