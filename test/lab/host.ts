import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startAgent, type Agent, type Peer } from "./agent";
import { mustRun, runCommand, type CommandOptions, type CommandResult } from "./command";

export interface HostOptions {
    /** Own addresses; default: the next free ones of the lab's networks. */
    readonly ipv4?: string;
    readonly ipv6?: string;
    /** Port of sshd; default 22. */
    readonly sshPort?: number;
    /** Makes a second user `deploy` with the same key, who may or may not become root by sudo. Default: no such user. */
    readonly sudo?: "passwordless" | "none";
    /** Lines of sshd_config, before the lab's own: the first value of a keyword counts. */
    readonly sshdConfig?: readonly string[];
    /** nft is missing. */
    readonly withoutNft?: boolean;
    /** nft says it is this version, for example "0.9.3"; it is the installed one all the same. */
    readonly nftVersion?: string;
}

/** One real Linux host of the lab. */
export interface LabHost extends Peer {
    readonly name: string;
    readonly ipv4: string;
    readonly ipv6: string;
    readonly port: number;
    readonly user: "root";
    /** The second user, where `sudo` was given. */
    readonly deployUser: "deploy" | undefined;
    readonly machineId: string;
    /** Private key of both users, OpenSSH PEM, and the file that holds it. */
    readonly privateKey: string;
    readonly keyFile: string;
    /** The host's ed25519 key as in known_hosts: "ssh-ed25519 AAAA...". */
    readonly hostKey: string;
    /** All its keys: ed25519, ecdsa, rsa. */
    readonly hostKeys: readonly string[];
    readonly knownHostsFile: string;
    /** A process id of the host's PID 1, as the deployer sees it. */
    readonly pid: number;
    /** Runs inside the host as root, without SSH; a string is run by `sh -c`. */
    run(command: string | readonly string[], options?: Pick<CommandOptions, "input">): Promise<CommandResult>;
    /** Power off at once: everything of the host is gone when it resolves. */
    stop(): Promise<void>;
}

/** What the lab gives a host that it starts. */
export interface HostPlace {
    readonly folder: string;
    readonly bridge: string;
    /** Name of the host's interface on the deployer's side. */
    readonly link: string;
    readonly ipv4: string;
    readonly ipv6: string;
    readonly gateway4: string;
    readonly gateway6: string;
    readonly keyFile: string;
    readonly knownHostsFile: string;
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const namespaces = ["--mount", "--net", "--uts", "--ipc", "--pid"];
const startTimeout = 20_000;

/** Starts a host and resolves once its sshd accepts connections. */
export async function startHost(name: string, options: HostOptions, place: HostPlace): Promise<LabHost> {
    const port = options.sshPort ?? 22;
    const machineId = randomBytes(16).toString("hex");
    const scratch = join(place.folder, place.link);
    mkdirSync(scratch);

    const init = spawn(
        "unshare",
        [...namespaces, "--fork", "--kill-child", "--propagation=private", "sh", join(__dirname, "hostInit.sh")],
        {
            // Not in the terminal's process group: an interrupt ends the host through its input, in order.
            detached: true,
            stdio: ["pipe", "pipe", "pipe"],
            env: {
                PATH: path,
                LAB_SCRATCH: scratch,
                LAB_NAME: name,
                LAB_MACHINE_ID: machineId,
                LAB_IPV4: `${place.ipv4}/24`,
                LAB_IPV6: `${place.ipv6}/64`,
                LAB_GATEWAY4: place.gateway4,
                LAB_GATEWAY6: place.gateway6,
                LAB_PORT: String(port),
                LAB_SSHD_CONFIG: (options.sshdConfig ?? []).join("\n"),
                LAB_AUTHORIZED_KEY: readFileSync(`${place.keyFile}.pub`, "utf8").trim(),
                LAB_SUDO: options.sudo ?? "",
                LAB_NFT: options.withoutNft ? "absent" : (options.nftVersion ?? "installed"),
            },
        },
    );
    const exited = once(init, "exit");
    const said: string[] = [];
    const complaints: string[] = [];
    const lines = createInterface({ input: init.stdout });
    lines.on("line", (line) => said.push(line));
    createInterface({ input: init.stderr }).on("line", (line) => complaints.push(line));
    init.stdin.on("error", () => undefined);

    let agent: Agent | undefined;
    async function stop(): Promise<void> {
        init.stdin.end();
        const kill = setTimeout(() => init.kill("SIGKILL"), 2000);
        await exited;
        clearTimeout(kill);
        // The kernel takes a dead namespace apart when it finds time, and until then the name of the link is taken.
        await runCommand(["ip", "link", "delete", place.link]);
        await agent?.close();
    }

    /** Resolves when PID 1 has said `word`. */
    function until(word: string): Promise<void> {
        return new Promise((resolve, reject) => {
            const timer = setTimeout(() => fail("did not start in time"), startTimeout);
            const onLine = () => {
                if (!said.includes(word)) return;
                finish();
                resolve();
            };
            const onExit = () => setImmediate(() => fail("did not start"));
            function finish() {
                clearTimeout(timer);
                lines.off("line", onLine);
                init.off("close", onExit);
                init.off("error", fail);
            }
            function fail(reason: string | Error) {
                finish();
                reject(new Error(`lab host ${name}: ${String(reason)}: ${complaints.join("\n")}`));
            }
            lines.on("line", onLine);
            init.on("close", onExit);
            init.on("error", fail);
            onLine();
        });
    }

    try {
        await until("mounted");
        const pid = Number(readFileSync(`/proc/${init.pid}/task/${init.pid}/children`, "utf8").trim());
        await mustRun(["ip", "-batch", "-"], {
            input: [
                `link add ${place.link} type veth peer name eth0 netns ${pid}`,
                `link set ${place.link} master ${place.bridge} up`,
            ].join("\n"),
        });
        init.stdin.write("network\n");
        await until("ready");

        const hostKeys = said
            .filter((line) => line.includes(" AAAA"))
            .map((line) => line.split(" ").slice(0, 2).join(" "));
        const enter = ["nsenter", `--target=${pid}`];
        // The peer keeps the machine's files, since node may lie where the host sees nothing.
        const peer = (): Peer => (agent ??= startAgent([...enter, "--net", "--uts", "--pid", "--"])).peer;
        return {
            name,
            ipv4: place.ipv4,
            ipv6: place.ipv6,
            port,
            user: "root",
            deployUser: options.sudo === undefined ? undefined : "deploy",
            machineId,
            privateKey: readFileSync(place.keyFile, "utf8"),
            keyFile: place.keyFile,
            hostKey: hostKeys.find((key) => key.startsWith("ssh-ed25519 ")) ?? "",
            hostKeys,
            knownHostsFile: place.knownHostsFile,
            pid,
            run: (command, { input } = {}) => {
                const argv = typeof command === "string" ? ["sh", "-c", command] : command;
                return runCommand([...enter, ...namespaces, "--", ...argv], {
                    ...(input === undefined ? {} : { input }),
                    env: { PATH: path, HOME: "/root", LANG: "C.UTF-8" },
                });
            },
            listen: (...args) => peer().listen(...args),
            listenTicking: (...args) => peer().listenTicking(...args),
            connect: (...args) => peer().connect(...args),
            askUdp: (...args) => peer().askUdp(...args),
            follow: (...args) => peer().follow(...args),
            flood: (...args) => peer().flood(...args),
            stop,
        };
    } catch (error) {
        await stop();
        throw error;
    }
}
