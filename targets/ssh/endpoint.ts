import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { HostKeyChecking, Place, Surroundings } from "./connection";
import { hostError } from "./hostError";
import type { HostKey } from "./hostKeys";
import { parseHostKey } from "./hostKeys";
import { jumpsOf } from "./proxyJump";
import type { Setting, SshConfig } from "./sshConfig";
import { expand, hostName, readSshConfig } from "./sshConfig";

/** Where to connect and what to expect, after ssh_config and defaults. Nothing secret. */
export interface Endpoint {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    /** `192.0.2.10` or `192.0.2.10 port 2222`, of a jump host which it is and where it leads: for texts. */
    readonly label: string;
    /** What the program calls it. */
    readonly field: "connection" | "connection.proxy";
    /** What ssh_config wants it to be reached through, in order. */
    readonly jumps: readonly Place[];
    /** The jump host before it on the way. */
    readonly behind?: Endpoint | undefined;
    readonly pinned?: HostKey | undefined;
    readonly hostKeyChecking: HostKeyChecking;
    /** Set where ssh_config asked for `StrictHostKeyChecking no`, which is not taken over. */
    readonly looserCheckingAsked?: string | undefined;
    readonly knownHostsFiles: readonly string[];
    readonly dialErrorLimit: number;
    readonly perDialTimeout: number;
    readonly identityFiles: readonly string[];
    readonly identitiesOnly: boolean;
    /** The agent that ssh_config or the environment names. */
    readonly agentSocket?: string | undefined;
}

/** Where an endpoint is looked up; the rest of the surroundings is for credentials. */
export type Lookup = Pick<Surroundings, "env" | "home">;

/** What decides about an endpoint besides the place itself. */
export interface EndpointOptions {
    readonly hostKeyChecking?: HostKeyChecking | undefined;
    /** Default `root`. */
    readonly defaultUser?: string | undefined;
    /** Set for a jump host: the label of the host it leads to. */
    readonly leadsTo?: string | undefined;
    /** The agent to ask, before the one that ssh_config or the environment names. */
    readonly agentSocketPath?: string | undefined;
}

/**
 * Fills in what a place leaves open: its own fields win over `~/.ssh/config`, that over the defaults.
 *
 * @throws FirewallError VF148 (unsupported keyword), VF154 (a field that is not valid)
 */
export function resolveEndpoint(target: Place, surroundings: Lookup, options: EndpointOptions = {}): Endpoint {
    const { leadsTo } = options;
    const field = leadsTo === undefined ? "connection" : "connection.proxy";
    checkFields(target, field);
    const { env } = surroundings;
    const home = surroundings.home || homedir();
    const config = readSshConfig(target.host, home);
    const host = hostName(config, target.host);
    const port = target.port ?? number(config, "port", 22, 1, 65535);
    const user = target.user ?? config.get("user")?.[0]?.values[0] ?? options.defaultUser ?? "root";
    const name = port === 22 ? host : `${host} port ${port}`;
    const label = leadsTo === undefined ? name : `the jump host ${name} (on the way to ${leadsTo})`;
    const checking = checkingOf(config);

    const path = (setting: Setting, value: string): string => {
        const variables = value.replace(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? "");
        const tokens = { "%": "%", d: home, h: host, n: target.host, p: String(port), r: user, u: localUser(env) };
        const expanded = expand(setting, variables, tokens, host);
        return expanded === "~" || expanded.startsWith("~/") ? join(home, expanded.slice(1)) : expanded;
    };
    const paths = (keyword: string): string[] | undefined =>
        config.get(keyword)?.flatMap((setting) => setting.values.map((value) => path(setting, value)));

    return {
        host,
        port,
        user,
        label,
        field,
        jumps: jumpsOf(config, { "%": "%", h: host, n: target.host, p: String(port), r: user }, target.host),
        pinned: target.hostKey === undefined ? undefined : parseHostKey(target.hostKey),
        hostKeyChecking: options.hostKeyChecking ?? checking.hostKeyChecking,
        looserCheckingAsked: checking.looserAsked,
        knownHostsFiles: [
            ...(paths("userknownhostsfile") ?? [join(home, ".ssh/known_hosts"), join(home, ".ssh/known_hosts2")]),
            "/etc/ssh/ssh_known_hosts",
            "/etc/ssh/ssh_known_hosts2",
        ],
        dialErrorLimit: target.dialErrorLimit ?? 10,
        perDialTimeout: target.perDialTimeout ?? number(config, "connecttimeout", 15, 0, 86400),
        identityFiles: (paths("identityfile") ?? []).filter((file) => file.toLowerCase() !== "none"),
        identitiesOnly: config.get("identitiesonly")?.[0]?.values[0]?.toLowerCase() === "yes",
        agentSocket: options.agentSocketPath ?? agentOf(config, env, path),
    };
}

function checkFields(target: Place, at: string): void {
    const invalid = (field: string, reason: string, advice: string) =>
        hostError("VF154", { field: `${at}.${field}`, reason, advice });
    if (!/^[^\s\0-\x20/@"'`$;|&<>()[\]\\]+$/.test(target.host) || target.host.startsWith("-"))
        throw invalid(
            "host",
            "it is not a host name or address",
            "Write a name or an address; user and port have fields of their own.",
        );
    const { port, dialErrorLimit, perDialTimeout } = target;
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
        throw invalid("port", `${port} is not a port`, "Write a number from 1 to 65535.");
    if (dialErrorLimit !== undefined && !(Number.isInteger(dialErrorLimit) && dialErrorLimit >= -1))
        throw invalid("dialErrorLimit", `${dialErrorLimit} is not a count`, "Write a whole number, -1 for no limit.");
    if (perDialTimeout !== undefined && !(perDialTimeout >= 0 && perDialTimeout <= 86400))
        throw invalid("perDialTimeout", `${perDialTimeout} is not a time-out`, "Write seconds, 0 for no limit.");
    if (target.hostKey !== undefined && parseHostKey(target.hostKey) === undefined)
        throw invalid(
            "hostKey",
            "it is not a public key",
            'Write one line such as "ssh-ed25519 AAAA...", as ssh-keyscan prints it after the host name.',
        );
}

function number(config: SshConfig, keyword: string, otherwise: number, least: number, most: number): number {
    const setting = config.get(keyword)?.[0];
    const text = setting?.values[0];
    if (setting === undefined || text === undefined || text.toLowerCase() === "none") return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw hostError("VF154", {
        field: `${setting.keyword} in ${setting.file} line ${setting.line}`,
        reason: `${text} is not a number from ${least} to ${most}`,
        advice: "Correct the line.",
    });
}

/**
 * `no` is not taken over from ssh_config: it was written for somebody who looks at a terminal. Not checking a server
 * whose firewall is about to be changed is said in the program, with hostKeyChecking: "off".
 */
function checkingOf(config: SshConfig): { hostKeyChecking: HostKeyChecking; looserAsked?: string } {
    const setting = config.get("stricthostkeychecking")?.[0];
    const value = setting?.values[0]?.toLowerCase();
    if (value === "accept-new") return { hostKeyChecking: "accept-new" };
    if (setting !== undefined && (value === "no" || value === "off"))
        return { hostKeyChecking: "strict", looserAsked: `${setting.file} line ${setting.line}` };
    return { hostKeyChecking: "strict" };
}

function agentOf(
    config: SshConfig,
    env: NodeJS.ProcessEnv,
    path: (setting: Setting, value: string) => string,
): string | undefined {
    const setting = config.get("identityagent")?.[0];
    const value = setting?.values[0];
    if (setting === undefined || value === undefined || value === "SSH_AUTH_SOCK")
        return env["SSH_AUTH_SOCK"] || undefined;
    if (value.toLowerCase() === "none") return undefined;
    return value.startsWith("$") && !value.startsWith("${") ? env[value.slice(1)] : path(setting, value);
}

/** For the token %u; a process without a passwd entry still has USER. */
export function localUser(env: NodeJS.ProcessEnv): string {
    try {
        return userInfo().username;
    } catch {
        return env["USER"] ?? "";
    }
}
