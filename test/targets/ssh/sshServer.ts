import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials, Session, Surroundings, Target } from "../../../targets/ssh";
import { openSession } from "../../../targets/ssh";
import type { SessionOptions } from "../../../targets/ssh/session";
import { FirewallError } from "../../../core/model/diagnostics";

const sshd = "/usr/sbin/sshd";

/** Opens a session with the server of a test file. */
type Opener = (
    target?: Partial<Target>,
    credentials?: Credentials,
    around?: Partial<Surroundings>,
    options?: SessionOptions,
) => Promise<Session>;

/** Opens sessions with a server that is started later, by its pinned key unless the test says otherwise. */
export function openerFor(server: () => SshServer): Opener {
    return (target = {}, credentials = {}, around = {}, options = {}) => {
        const { port, hostKeys, surroundings } = server();
        const usual = { host: "127.0.0.1", port, hostKey: hostKeys.ed25519, dialErrorLimit: 0 };
        return openSession({ ...usual, ...target }, credentials, surroundings(around), options);
    };
}

/** Root's password where a test asked for one, and its hash (sha512-crypt). */
export const rootPassword = "correct horse";
const rootPasswordHash =
    "$6$testsalt$cbbwgYyM1LY/2OzxhMS6.YhN4y1/0YkbEVVA20ZiZcSbQjmaejFZKCu7McxdocQYpOVpfUreIWntIDrRnWyt6/";

/** The error that opening a session ended with. */
export async function failure(promise: Promise<Session>): Promise<FirewallError> {
    try {
        (await promise).close();
    } catch (error) {
        if (error instanceof FirewallError) return error;
        throw error;
    }
    throw new Error("a session was opened");
}

/** `describe`, or `describe.skip` where no sshd can be started; in CI that is a failure. */
export const describeSshd: (name: string, tests: () => void) => void = (name, tests) => {
    if (process.getuid?.() === 0 && existsSync(sshd)) describe(name, tests);
    else if (process.env.CI === "true")
        test(name, () => {
            throw new Error(`this test starts ${sshd} and needs to be root`);
        });
    else describe.skip(name, tests);
};

/** A real OpenSSH server on 127.0.0.1 and ::1 with a folder of its own, which serves as the client's home as well. */
export interface SshServer {
    readonly port: number;
    readonly home: string;
    /** Host keys by type, as lines. */
    readonly hostKeys: Readonly<Record<"ed25519" | "ecdsa" | "rsa", string>>;
    /** Text of the private key that may log in as root. */
    readonly privateKey: string;
    readonly keyFile: string;
    surroundings(changes?: Partial<Surroundings>): Surroundings;
    /** Writes `~/.ssh/<name>`. */
    write(name: string, text: string): string;
    /** Ends the processes of its sessions at once; it goes on listening. */
    killSessions(): void;
    stop(): Promise<void>;
}

export interface ServerOptions {
    /** Types of host key it presents; default all. */
    readonly hostKeyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
    /** Root may log in with `rootPassword` too; the machine's own password file stays as it is. */
    readonly rootPassword?: boolean;
    /** Further lines of sshd_config. */
    readonly config?: readonly string[];
}

export async function startSshServer({
    hostKeyTypes,
    rootPassword = false,
    config = [],
}: ServerOptions = {}): Promise<SshServer> {
    const home = mkdtempSync(join(tmpdir(), "vpsfw-sshd-"));
    mkdirSync(join(home, ".ssh"));
    // Where Debian's unit would have made it.
    mkdirSync("/run/sshd", { recursive: true });
    const types = ["ed25519", "ecdsa", "rsa"] as const;
    for (const type of types) makeKey(join(home, `host_${type}`), type);
    const keyFile = join(home, "login");
    makeKey(keyFile, "ed25519");
    const port = await freePort();
    const lines = [
        // First: the first value of a keyword counts.
        ...config,
        `ListenAddress 127.0.0.1:${port}`,
        `ListenAddress [::1]:${port}`,
        ...(hostKeyTypes ?? types).map((type) => `HostKey ${home}/host_${type}`),
        "UsePAM no",
        "StrictModes no",
        "PidFile none",
        "PermitRootLogin yes",
        `AuthorizedKeysFile ${keyFile}.pub`,
        `PasswordAuthentication ${rootPassword ? "yes" : "no"}`,
        "KbdInteractiveAuthentication no",
    ];
    writeFileSync(join(home, "sshd_config"), `${lines.join("\n")}\n`);
    const start = [sshd, "-D", "-e", "-f", join(home, "sshd_config")];
    // It ends with the tests, also when they are killed.
    const args = ["--pdeathsig", "KILL", ...(rootPassword ? withPassword(home) : []), ...start];
    const server = spawn("setpriv", args, { stdio: "ignore" });
    await answers(port);
    const publicKey = (type: string) => {
        const [name, key] = readFileSync(join(home, `host_${type}.pub`), "utf8").split(" ");
        return `${name} ${key}`;
    };
    return {
        port,
        home,
        keyFile,
        hostKeys: { ed25519: publicKey("ed25519"), ecdsa: publicKey("ecdsa"), rsa: publicKey("rsa") },
        privateKey: readFileSync(keyFile, "utf8"),
        surroundings: (changes = {}) => ({ config: {}, env: {}, home, ...changes }),
        write(name, text) {
            const file = join(home, ".ssh", name);
            writeFileSync(file, text);
            return file;
        },
        killSessions() {
            for (const pid of childrenOf(server.pid ?? 0)) process.kill(pid, "SIGKILL");
        },
        async stop() {
            await end(server);
            rmSync(home, { recursive: true, force: true });
        },
    };
}

function childrenOf(pid: number): number[] {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").map(Number);
}

/** The words before a command that let it see another /etc/shadow, in a mount namespace of its own. */
function withPassword(home: string): string[] {
    const file = join(home, "shadow");
    writeFileSync(file, `root:${rootPasswordHash}:20000:0:99999:7:::\nsshd:!:20000::::::\n`);
    const script = 'mount --bind "$0" /etc/shadow && exec "$@"';
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, file];
}

export function makeKey(file: string, type: string, password = ""): void {
    execFileSync("ssh-keygen", ["-q", "-t", type, "-N", password, "-C", "a test", "-f", file]);
}

/** A real ssh-agent with the given keys; ends with the tests. */
export async function startAgent(socket: string, keyFiles: readonly string[]): Promise<{ stop(): Promise<void> }> {
    const agent = spawn("setpriv", ["--pdeathsig", "KILL", "ssh-agent", "-D", "-a", socket], { stdio: "ignore" });
    for (let i = 0; i < 100 && !existsSync(socket); i++) await pause(20);
    for (const file of keyFiles)
        execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
    return { stop: () => end(agent) };
}

export async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function answers(port: number): Promise<void> {
    for (let i = 0; i < 200; i++) {
        const open = await new Promise<boolean>((resolve) => {
            const socket = connect({ host: "127.0.0.1", port });
            socket.once("connect", () => {
                socket.destroy();
                resolve(true);
            });
            socket.once("error", () => resolve(false));
        });
        if (open) return;
        await pause(25);
    }
    throw new Error("sshd did not start");
}

async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
}
