import type { HandOver } from "./protocol";

/**
 * How strictly the server's host key is checked. `strict` (default): it must be pinned or in known_hosts.
 * `accept-new`: a host that nothing is known about is accepted, for the caller to pin; a changed key never is.
 * `off`: no check at all; the session carries a warning.
 */
export type HostKeyChecking = "strict" | "accept-new" | "off";

/** Where a machine is and how to reach it; nothing secret. Field names are those of the connection of `@pulumi/command`. */
export interface Place {
    /** Name, address (IPv6 with or without a zone, no brackets), or the alias of a `Host` in `~/.ssh/config`. */
    readonly host: string;
    /** Default: `Port` of ssh_config, else 22. */
    readonly port?: number | undefined;
    /** Default: `User` of ssh_config, else `root`. */
    readonly user?: string | undefined;
    /** The only key the host may present, as a line: `ssh-ed25519 AAAA...`. Default: what known_hosts says. */
    readonly hostKey?: string | undefined;
    /** Failed tries to connect that are forgiven, -1: any number. Default 10. */
    readonly dialErrorLimit?: number | undefined;
    /** Seconds for one try to connect, and again for its handshake; 0: no limit on connecting. Default: `ConnectTimeout` of ssh_config, else 15. */
    readonly perDialTimeout?: number | undefined;
}

/** The host to manage. */
export interface Target extends Place {
    /** Also for the jump hosts. Default: `StrictHostKeyChecking` of ssh_config, else `strict`. */
    readonly hostKeyChecking?: HostKeyChecking | undefined;
    /** The jump host to connect through. Default: `ProxyJump` of ssh_config, which may name several. */
    readonly proxy?: Place | undefined;
}

/** What to log in to one machine with. Secret. */
export interface LoginSecrets {
    /** Text of a private key, not a path. */
    readonly privateKey?: string | undefined;
    readonly privateKeyPassword?: string | undefined;
    readonly password?: string | undefined;
    /** Default: `IdentityAgent` of ssh_config, else `SSH_AUTH_SOCK`. */
    readonly agentSocketPath?: string | undefined;
}

/** What the user passed to log in with. Secret. */
export interface Credentials extends LoginSecrets {
    /** For the jump hosts. Default: the private key for the host, never its password. */
    readonly proxy?: LoginSecrets | undefined;
}

/** Where else credentials come from. */
export interface Surroundings {
    /** From the stack's configuration; `sudoPassword` is for a user who is not root. */
    readonly config: Omit<LoginSecrets, "agentSocketPath"> & { readonly sudoPassword?: string | undefined };
    /** `VPS_FIREWALL_PRIVATE_KEY`, `..._PRIVATE_KEY_PASSWORD`, `..._SUDO_PASSWORD` and `SSH_AUTH_SOCK` are read. */
    readonly env: NodeJS.ProcessEnv;
    /** Home directory, for `.ssh/config` and `.ssh/known_hosts`. */
    readonly home: string;
}

/** How the server's host key was found to be right. */
export type HostKeyTrust = "pinned" | "known_hosts" | "accepted-new" | "not checked";

export interface RunOptions {
    /**
     * The run fails (VF151) after this many milliseconds, to which is added what its input and output take on a link of
     * 16 KiB a second. The command loses its input and output, but may go on without.
     */
    readonly timeoutMs: number;
    /** The run fails (VF152) and the command is cut off when it wrote more bytes than this, both streams together. */
    readonly maxOutput: number;
    /** Keeps the input back until the command says that it is ready; answers sudo's question once. Default: sent at once. */
    readonly handOver?: HandOver | undefined;
    /** Called with each complete line as it comes, made printable. */
    readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface RunResult {
    /** Exit status; 128 + the signal's number where a signal ended the command, as a shell says it. */
    readonly code: number;
    /** As the command wrote it: not cleaned, so not to be shown as it is. */
    readonly stdout: string;
    readonly stderr: string;
    /** With `handOver`: whether the command was ready and got its input. */
    readonly handedOver?: boolean;
    /** With `handOver`: how often sudo asked for a password. */
    readonly sudoAsked?: number;
}

/** One SSH connection, logged in. */
export interface Session {
    /** Our end of the connection as seen here; behind NAT or a jump host the host sees another. */
    readonly clientAddress: string;
    readonly clientPort: number;
    /** The key the server presented, as a line that `Target.hostKey` takes. */
    readonly hostKey: string;
    readonly hostKeyTrust: HostKeyTrust;
    /** Keys of jump hosts that were accepted though nothing was known about them, by their name in known_hosts: to be pinned. */
    readonly acceptedProxyKeys: Readonly<Record<string, string>>;
    /** Whether there is a password to give to a sudo that asks. */
    readonly hasSudoPassword: boolean;
    /** What the user must be told, complete texts with code. */
    readonly warnings: readonly string[];
    /** Runs a command through the login shell; several may run at once. Fails with VF150, VF151, VF152, VF159 or VF176. */
    run(command: string, stdin: string | Buffer, options: RunOptions): Promise<RunResult>;
    /** Ends the connection at once; runs under way fail with VF150. Twice is fine. */
    close(): void;
}
