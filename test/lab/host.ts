import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { startAgent, type Agent, type Peer } from "./agent";
import { runCommand, type CommandOptions, type CommandResult } from "./command";
import { faultsOf, type Faults } from "./faults";
import { makeMachine } from "./machine";
import { userlandFolder, type Userland } from "./userland";

export type HostKind = "plain" | "systemd";

export interface HostOptions {
    /** "plain" (default): PID 1 is a shell script, no service manager. "systemd": a booted Debian, systemd is PID 1. */
    readonly kind?: HostKind;
    /** Default: "machine" for plain, "bookworm" for systemd. "busybox" is for plain only. */
    readonly userland?: Userland;
    /** Own addresses; default: the next free ones of the lab's networks. */
    readonly ipv4?: string;
    readonly ipv6?: string;
    /** Port of sshd; default 22. */
    readonly sshPort?: number;
    /** Makes a second user `deploy` with the same key, who may or may not become root by sudo. Default: no such user. */
    readonly sudo?: "passwordless" | "none";
    /** Lines of sshd_config, before the lab's own: the first value of a keyword counts. */
    readonly sshdConfig?: readonly string[];
    /** Packet filters whose programs are missing. */
    readonly without?: readonly ("nft" | "iptables" | "ipset")[];
    /** The variant that `iptables` and the like are. Default: the userland's. */
    readonly iptables?: "nft" | "legacy";
    /** nft says it is this version, for example "0.9.3"; it is the installed one all the same. */
    readonly nftVersion?: string;
}

/** One real Linux host of the lab. */
export interface LabHost extends Peer, Faults {
    readonly name: string;
    readonly kind: HostKind;
    readonly userland: Userland;
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
    /** Process id of the host's PID 1, as the deployer sees it: another one after each boot; none while it is off. */
    readonly pid: number;
    /** Runs inside the host as root, without SSH; a string is run by `sh -c`. */
    run(command: string | readonly string[], options?: Pick<CommandOptions, "input">): Promise<CommandResult>;
    /**
     * Clean reboot; resolves when its sshd accepts connections again. systemd: `systemctl reboot`. Plain: every process
     * is ended, then a boot as boot() says.
     */
    reboot(): Promise<void>;
    /** Power off at once: nothing is stopped in order. What was written stays, as if every write had been synced. */
    powerCut(): Promise<void>;
    /**
     * Starts it after a power cut, with the files it had: a new network, process and mount namespace, empty /run and
     * /tmp, another boot id. A plain host starts sshd, then /etc/rc.local if that is executable.
     */
    boot(): Promise<void>;
    /** The end of the host: everything of it is gone when it resolves. */
    stop(): Promise<void>;
}

/** What the lab gives a host that it starts. */
export interface HostPlace {
    readonly folder: string;
    readonly bridge: string;
    /** A bridge that is off. */
    readonly deadBridge: string;
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

/** Starts a host and resolves once its sshd accepts connections. */
export async function startHost(name: string, options: HostOptions, place: HostPlace): Promise<LabHost> {
    const kind = options.kind ?? "plain";
    const userland = options.userland ?? (kind === "plain" ? "machine" : "bookworm");
    if (kind === "systemd" && (userland === "machine" || userland === "busybox"))
        throw new Error(`lab host ${name}: the userland ${userland} has no systemd to boot`);
    const port = options.sshPort ?? 22;
    const machineId = randomBytes(16).toString("hex");
    const machine = await makeMachine(
        {
            name,
            kind,
            port,
            lower: await userlandFolder(userland),
            env: {
                PATH: path,
                LAB_USERLAND: userland,
                LAB_MACHINE_ID: machineId,
                LAB_IPV4: `${place.ipv4}/24`,
                LAB_IPV6: `${place.ipv6}/64`,
                LAB_GATEWAY4: place.gateway4,
                LAB_GATEWAY6: place.gateway6,
                LAB_PORT: String(port),
                LAB_SSHD_CONFIG: (options.sshdConfig ?? []).join("\n"),
                LAB_AUTHORIZED_KEY: readFileSync(`${place.keyFile}.pub`, "utf8").trim(),
                LAB_SUDO: options.sudo ?? "",
                LAB_NFT: options.without?.includes("nft") ? "absent" : (options.nftVersion ?? "installed"),
                LAB_IPTABLES: options.without?.includes("iptables") ? "absent" : (options.iptables ?? "installed"),
                LAB_IPSET: options.without?.includes("ipset") ? "absent" : "installed",
            },
        },
        place,
    );

    const namespaces = ["--mount", "--net", "--uts", "--ipc", "--pid", ...(kind === "systemd" ? ["--cgroup"] : [])];
    const enter = () => ["nsenter", `--target=${machine.pid()}`];
    const clock: string[] = [];
    const run: LabHost["run"] = async (command, { input } = {}) => {
        const argv = typeof command === "string" ? ["sh", "-c", command] : command;
        return runCommand([...enter(), ...namespaces, "--", ...(clock.length > 0 ? ["env", ...clock] : []), ...argv], {
            ...(input === undefined ? {} : { input }),
            env: { PATH: path, HOME: "/root", LANG: "C.UTF-8" },
        });
    };

    // A peer lives in the host's network, so each boot needs another one. It keeps the machine's files, since node may
    // lie where the host sees nothing, and the machine's process tree: systemd waits for a stranger in its own.
    let agent: (Agent & { readonly of: number }) | undefined;
    function peer(): Peer {
        const of = machine.pid();
        if (agent?.of !== of) {
            void agent?.close();
            agent = { ...startAgent([...enter(), "--net", "--uts", "--"]), of };
        }
        return agent.peer;
    }

    async function powerCut(): Promise<void> {
        await machine.cutPower();
        await agent?.close();
        agent = undefined;
    }

    async function stop(): Promise<void> {
        await machine.remove();
        await agent?.close();
    }

    async function reboot(): Promise<void> {
        if (kind === "systemd") {
            const rebooted = machine.hasRebooted();
            const { code, stderr } = await run("systemctl reboot");
            // It may be ended by what it asks for before it has its answer.
            if (code !== 0 && !/Connection reset|Transport endpoint|^$/.test(stderr.trim()))
                throw new Error(`lab host ${name} does not reboot: ${stderr}`);
            await rebooted;
            return agent?.of === machine.pid() ? undefined : agent?.close();
        }
        await run(endInOrder);
        await powerCut();
        await machine.boot();
    }

    try {
        await machine.boot();
        const hostKeys = machine.said
            .filter((line) => line.includes(" AAAA"))
            .map((line) => line.split(" ").slice(0, 2).join(" "));
        return {
            name,
            kind,
            userland,
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
            get pid() {
                return machine.pid();
            },
            run,
            listen: (...args) => peer().listen(...args),
            listenTicking: (...args) => peer().listenTicking(...args),
            connect: (...args) => peer().connect(...args),
            askUdp: (...args) => peer().askUdp(...args),
            follow: (...args) => peer().follow(...args),
            flood: (...args) => peer().flood(...args),
            reboot,
            powerCut,
            boot: () => machine.boot(),
            ...faultsOf(machine, kind, run, clock),
            stop,
        };
    } catch (error) {
        await stop();
        throw error;
    }
}

/** Asks every process of a plain host to end and gives it a second: then PID 1, what feeds it, and this are left. */
const endInOrder = `
    kill -TERM -1
    tries=0
    while set -- /proc/[0-9]* && [ $# -gt 3 ] && [ $tries -lt 20 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done`;
