import { setTimeout as delay } from "node:timers/promises";
import { Client, type ClientChannel, type ConnectConfig } from "ssh2";
import { collectOutput, commandFailure } from "./commandOutput";
import type { CommandOutput, CommandRun } from "./commandRun";
import { EngineError, messageOf } from "./errors";
import { isPlainObject } from "./values";
import type { Properties, Value } from "./values";

/** Runs a command over a connection of its own, as the plugin does: one connection and one session per operation. */
export async function runRemotely(run: CommandRun): Promise<CommandOutput> {
    const { connection } = run.inputs;
    if (!isPlainObject(connection)) {
        throw new EngineError("a remote command needs a connection");
    }
    const clients: Client[] = [];
    try {
        const { proxy } = connection;
        if (isPlainObject(proxy)) clients.push(await dial(proxy));
        const client = await dial(connection, clients[0]);
        clients.push(client);
        return await runOver(client, run);
    } finally {
        clients.reverse().forEach((client) => client.end());
    }
}

async function dial(connection: Properties, proxy?: Client): Promise<Client> {
    const limit = number(connection["dialErrorLimit"], 10);
    for (let tries = 1; ; tries += 1) {
        try {
            return await connect(connection, proxy && (await forwarded(proxy, connection)));
        } catch (error) {
            if (limit >= 0 && tries > limit) {
                throw new Error(`after ${tries - 1} failed attempts: ${messageOf(error)}`, { cause: error });
            }
            await delay(Math.min(100 * 1.5 ** tries, 5000));
        }
    }
}

/** A TCP connection that the proxy opens. */
function forwarded(proxy: Client, connection: Properties): Promise<ClientChannel> {
    const { host = "", port = 22 } = configOf(connection);
    return new Promise((resolve, reject) => {
        proxy.forwardOut("127.0.0.1", 0, host, port, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
}

function connect(connection: Properties, sock?: ClientChannel): Promise<Client> {
    const client = new Client();
    return new Promise((resolve, reject) => {
        client.once("ready", () => resolve(client));
        // An error after a session has ended has no one left to tell.
        client.on("error", reject);
        client.connect({ ...configOf(connection), ...(sock && { sock }) });
    });
}

function configOf(connection: Properties): ConnectConfig {
    const agent = text(connection["agentSocketPath"]) ?? process.env["SSH_AUTH_SOCK"];
    const [password, privateKey, passphrase, hostKey] = [
        text(connection["password"]),
        text(connection["privateKey"]),
        text(connection["privateKeyPassword"]),
        text(connection["hostKey"]),
    ];
    return {
        host: text(connection["host"]) ?? "",
        port: number(connection["port"], 22),
        username: text(connection["user"]) ?? "root",
        readyTimeout: number(connection["perDialTimeout"], 15) * 1000,
        ...(password !== undefined && { password }),
        ...(privateKey !== undefined && { privateKey }),
        ...(passphrase !== undefined && { passphrase }),
        ...(agent !== undefined && { agent }),
        ...(hostKey !== undefined && pinned(hostKey)),
    };
}

// The server must show the very key: it is asked for that kind of key, and nothing else is accepted.
function pinned(hostKey: string): Partial<ConnectConfig> {
    const [type = "", key = ""] = hostKey.trim().split(/\s+/);
    const signatures = type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [type];
    return {
        algorithms: { serverHostKey: signatures as never },
        hostVerifier: (shown: Buffer) => shown.equals(Buffer.from(key, "base64")),
    };
}

async function runOver(client: Client, run: CommandRun): Promise<CommandOutput> {
    await checkEnvironment(client, run);
    const ended = await execute(client, run);
    if (ended.how !== undefined) {
        throw commandFailure(run, ended.how, ended.all);
    }
    return ended.output;
}

// A server may drop variables without a word, and this client cannot ask for one: so a look at what arrives comes first.
async function checkEnvironment(client: Client, run: CommandRun): Promise<void> {
    const names = Object.keys({ ...run.previousOutput, ...run.environment });
    if (names.length === 0) {
        return;
    }
    const command = names.map((name) => `[ "\${${name}+set}" ] && echo ${name}`).join("; ");
    const quiet = { ...run, command: `${command}; true`, stdin: "", onLine: () => undefined };
    const taken = new Set((await execute(client, quiet)).output.stdout.split("\n"));
    for (const name of names.filter((wanted) => !taken.has(wanted))) {
        const message = `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via AcceptEnv.`;
        if (name in run.environment) {
            throw new Error(`could not set environment variable "${name}": ${message}`);
        }
        run.warn(message);
    }
}

interface Ended {
    readonly output: CommandOutput;
    readonly all: string;
    /** Undefined where it ended well. */
    readonly how: string | undefined;
}

function execute(client: Client, run: CommandRun): Promise<Ended> {
    return new Promise((resolve, reject) => {
        client.exec(run.command, { env: { ...run.previousOutput, ...run.environment } }, (error, channel) => {
            if (error) {
                reject(error);
                return;
            }
            // At once: the end of a short command may come in the packet that opened the channel.
            const collected = collectOutput(run, { stdout: channel, stderr: channel.stderr });
            let how: string | undefined = "the connection was closed before the command ended";
            channel.on("exit", (code: number | null, signal?: string) => {
                how =
                    code === 0
                        ? undefined
                        : `Process exited with ${code === null ? `signal ${signal?.replace(/^SIG/, "")}` : `status ${code}`}`;
            });
            const end = (): void => resolve({ output: collected.output(), all: collected.all(), how });
            channel.on("close", end);
            client.once("close", end);
            channel.end(run.stdin);
        });
    });
}

const text = (value: Value | undefined): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: Value | undefined, otherwise: number): number => (typeof value === "number" ? value : otherwise);
