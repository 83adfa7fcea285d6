import { existsSync, readFileSync } from "node:fs";
import type { ParsedKey } from "ssh2";
import { utils } from "ssh2";
import type { Credentials, LoginSecrets, Surroundings } from "./connection";
import type { Endpoint } from "./endpoint";
import { hostError } from "./hostError";
import { parsePrivateKey } from "./privateKey";

/** One way to log in, in the order they are tried. `source` is what an error calls it. */
export type Login =
    | { readonly kind: "key"; readonly source: string; readonly key: ParsedKey }
    | { readonly kind: "password"; readonly source: string; readonly password: string }
    | {
          readonly kind: "agent";
          readonly source: string;
          readonly socket: string;
          /** Public keys of IdentityFile: offered first, with `exclusive` alone. */
          readonly preferred: readonly Buffer[];
          readonly exclusive: boolean;
      };

/**
 * What to log in with. The first of these that has a key or password is the one used: configuration, environment, input.
 * Where none has, what ssh itself would use: the IdentityFiles of ssh_config, then the agent. Configuration comes before
 * input because refresh and delete get the input of the past, and a key may have been rotated since.
 *
 * @throws FirewallError VF142 (nothing there), VF143 (a key that can't be used)
 */
export function findLogins(endpoint: Endpoint, credentials: Credentials, surroundings: Surroundings): Login[] {
    const sources = sourcesOf(credentials, surroundings);
    const passwords = sources
        .map(({ from }) => from.privateKeyPassword)
        .filter((text) => text !== undefined && text !== "");
    if (endpoint.field === "connection.proxy")
        return jumpLogins(endpoint, credentials.proxy ?? {}, sources, passwords[0]);
    for (const { name, from } of sources) {
        const logins = explicitLogins(name, from, passwords[0]);
        if (logins.length > 0) return logins;
    }
    return sshLogins(endpoint, passwords[0]);
}

/** What a sudo that asks gets: the first of configuration, environment and the password to log in with. */
export function findSudoPassword(credentials: Credentials, { config, env }: Surroundings): string | undefined {
    return (
        config.sudoPassword || env["VPS_FIREWALL_SUDO_PASSWORD"] || config.password || credentials.password || undefined
    );
}

/**
 * What to log in to a jump host with: what connection.proxy has, then the first private key that there is for the host
 * behind it. Its password is for that host alone.
 */
function jumpLogins(
    endpoint: Endpoint,
    own: LoginSecrets,
    sources: readonly Source[],
    password: string | undefined,
): Login[] {
    const explicit = explicitLogins(endpoint.field, own, own.privateKeyPassword || password);
    const key = sources.find(({ from }) => from.privateKey);
    const inherited = key
        ? explicitLogins(key.name, { ...key.from, password: undefined, agentSocketPath: undefined }, password)
        : [];
    const logins = [...explicit, ...inherited];
    return logins.length > 0 ? logins : sshLogins(endpoint, password);
}

interface Source {
    readonly name: string;
    readonly from: LoginSecrets;
}

function sourcesOf(credentials: Credentials, { config, env }: Surroundings): Source[] {
    return [
        { name: "configuration", from: config },
        {
            name: "the environment (VPS_FIREWALL_PRIVATE_KEY)",
            from: {
                privateKey: env["VPS_FIREWALL_PRIVATE_KEY"],
                privateKeyPassword: env["VPS_FIREWALL_PRIVATE_KEY_PASSWORD"],
            },
        },
        { name: "connection", from: credentials },
    ];
}

function explicitLogins(source: string, from: LoginSecrets, otherPassword: string | undefined): Login[] {
    const logins: Login[] = [];
    if (from.privateKey) {
        const parsed = parsePrivateKey(from.privateKey, from.privateKeyPassword || otherPassword);
        if ("reason" in parsed) throw hostError("VF143", { source, reason: parsed.reason, advice: parsed.advice });
        logins.push({ kind: "key", source: `the private key from ${source}`, key: parsed.key });
    }
    if (from.password)
        logins.push({ kind: "password", source: `the password from ${source}`, password: from.password });
    if (from.agentSocketPath)
        logins.push({
            kind: "agent",
            source: `the agent at ${from.agentSocketPath}`,
            socket: from.agentSocketPath,
            preferred: [],
            exclusive: false,
        });
    return logins;
}

function sshLogins(endpoint: Endpoint, password: string | undefined): Login[] {
    const logins: Login[] = [];
    const skipped: string[] = [];
    const preferred: Buffer[] = [];
    for (const file of endpoint.identityFiles) {
        const publicKey = readPublicKey(file);
        if (publicKey) preferred.push(publicKey);
        const text = readText(file);
        if (typeof text !== "string") {
            skipped.push(`${file}: ${text.reason}`);
            continue;
        }
        const parsed = parsePrivateKey(text, password);
        if ("key" in parsed) logins.push({ kind: "key", source: `IdentityFile ${file}`, key: parsed.key });
        // ssh leaves the key of such a file to the agent.
        else skipped.push(`${file}: ${parsed.reason}`);
    }
    const socket = endpoint.agentSocket;
    const exclusive = endpoint.identitiesOnly;
    if (socket !== undefined && !(exclusive && preferred.length === 0)) {
        if (existsSync(socket)) logins.push({ kind: "agent", source: "the SSH agent", socket, preferred, exclusive });
        else skipped.push(`the SSH agent: there is no socket ${socket}`);
    }
    if (logins.length > 0) return logins;
    throw hostError("VF142", {
        host: endpoint.label,
        skipped: skipped.length === 0 ? "" : ` (${skipped.join("; ")})`,
    });
}

/** The public half of an IdentityFile: `<file>.pub` beside it, or the file itself where it names a public key. */
function readPublicKey(file: string): Buffer | undefined {
    for (const path of [`${file}.pub`, file]) {
        const text = readText(path);
        if (typeof text !== "string" || text.includes("PRIVATE KEY")) continue;
        const parsed: unknown = utils.parseKey(text);
        if (!(parsed instanceof Error)) return (parsed as ParsedKey).getPublicSSH();
    }
    return undefined;
}

function readText(file: string): string | { readonly reason: string } {
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return { reason: code === "ENOENT" ? "there is no such file" : `can't be read (${code ?? "unknown"})` };
    }
}
