import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { mustRun, runCommand } from "./command";
import type { HostPlace } from "./host";
import { startScript, type RunningScript } from "./script";

/** What a machine is told of the host that runs on it: the LAB_ variables of hostDisk.sh and hostBoot.sh. */
export interface MachineSettings {
    readonly name: string;
    readonly kind: "plain" | "systemd";
    readonly port: number;
    /** Root of the userland, below everything that the host writes. */
    readonly lower: string;
    readonly env: NodeJS.ProcessEnv;
}

/** The hardware of one host: a disk that outlives its boots, a power switch, and a link to the lab's bridge. */
export interface Machine {
    /** Lines of the disk's making: the host's public keys. */
    readonly said: readonly string[];
    /** The running PID 1, as the deployer sees it; throws while the power is off. */
    pid(): number;
    /** Command line that takes a program to the disk's mounts, outside of the running host. */
    readonly enterDisk: readonly string[];
    readonly scratch: string;
    /** Resolves once sshd accepts connections. */
    boot(): Promise<void>;
    /** Ends the running host at once. */
    cutPower(): Promise<void>;
    /** Resolves once a host that was told to reboot has, and accepts connections again. */
    hasRebooted(): Promise<void>;
    /** Resolves once sshd listens. */
    listens(): Promise<void>;
    setLink(up: boolean): Promise<void>;
    /** Has something done at the end of each boot from now on. */
    afterBoot(action: () => Promise<void>): void;
    /** Power off, and everything of the machine gone. */
    remove(): Promise<void>;
}

const namespaces = ["--mount", "--net", "--uts", "--ipc", "--pid"];
const bootTimeout = 60_000;
const firstChild = (pid: number) => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0]);

/** Makes the disk; the machine is off. */
export async function makeMachine(settings: MachineSettings, place: HostPlace): Promise<Machine> {
    const { name, kind } = settings;
    const scratch = join(place.folder, place.link);
    mkdirSync(scratch);
    const env = { ...settings.env, LAB_SCRATCH: scratch, LAB_NAME: name, LAB_KIND: kind, LAB_LOWER: settings.lower };
    const disk = startScript(
        name,
        [
            ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"],
            ...["sh", join(__dirname, "hostDisk.sh")],
        ],
        env,
    );
    let boots = 0;
    let linkUp = true;
    let removed = false;
    let running: { readonly script: RunningScript; readonly pid: number } | undefined;
    let booting: Promise<void> = Promise.resolve();
    const afterBoot: (() => Promise<void>)[] = [];
    // The same network card in each boot, so that nobody's neighbour table has to learn another.
    const mac = `02${randomBytes(5).toString("hex")}`.match(/../g)?.join(":");

    /** A cut link is put into a bridge that is off, so that the host sees its cable plugged in all the same. */
    const setMaster = () => `link set ${place.link} master ${linkUp ? place.bridge : place.deadBridge} up`;

    async function start(): Promise<void> {
        const enter = ["nsenter", `--target=${firstChild(disk.pid)}`, "--mount", "--pid", "--"];
        const script = startScript(
            name,
            [
                ...[...enter, "unshare", ...namespaces, "--fork", "--kill-child", "--propagation=private"],
                ...["sh", join(__dirname, "hostBoot.sh")],
            ],
            { ...env, LAB_CGROUP: `${basename(place.folder)}-${place.link}-${++boots}` },
        );
        void script.exited.then((signal) => onDown(script, signal));
        await script.until("mounted");
        const pid = firstChild(firstChild(script.pid));
        running = { script, pid };
        await mustRun(["ip", "-batch", "-"], {
            input: [`link add ${place.link} type veth peer name eth0 address ${mac} netns ${pid}`, setMaster()].join(
                "\n",
            ),
        });
        script.tell("network");
        if (kind === "plain") await script.until("ready");
        else await listens();
        for (const action of afterBoot) await action();
    }

    function boot(): Promise<void> {
        if (running !== undefined) throw new Error(`lab host ${name} is running`);
        booting = start();
        booting.catch(() => undefined); // seen by who waits for it
        return booting;
    }

    async function onDown(script: RunningScript, signal: NodeJS.Signals | null): Promise<void> {
        if (running?.script !== script) return;
        running = undefined;
        // So the kernel tells who waits for PID 1 of a process namespace that it asked for a restart.
        if (signal === "SIGHUP" && !removed) {
            booting = unplug().then(start);
            booting.catch(() => undefined);
        }
    }

    /** The kernel takes a dead namespace apart when it finds time, and until then the name of the link is taken. */
    const unplug = () => runCommand(["ip", "link", "delete", place.link]);

    async function listens(): Promise<void> {
        const deadline = Date.now() + bootTimeout;
        while (!isListening(running?.pid, settings.port)) {
            if (removed || Date.now() > deadline) throw new Error(`lab host ${name}: its sshd does not listen`);
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }

    async function cutPower(): Promise<void> {
        const { script, pid } = running ?? {};
        if (script === undefined || pid === undefined) return;
        process.kill(pid, "SIGKILL");
        await script.exited;
        await unplug();
    }

    async function remove(): Promise<void> {
        removed = true;
        disk.endInput();
        const kill = setTimeout(() => disk.kill(), 2000);
        await disk.exited;
        clearTimeout(kill);
        await running?.script.exited;
        await unplug();
    }

    try {
        await disk.until("installed");
        return {
            said: disk.said,
            scratch,
            enterDisk: ["nsenter", `--target=${firstChild(disk.pid)}`, "--mount", "--"],
            pid: () => {
                if (running === undefined) throw new Error(`lab host ${name} is off`);
                return running.pid;
            },
            boot,
            cutPower,
            hasRebooted: async () => {
                const before = running;
                await before?.script.exited;
                await booting;
            },
            listens,
            setLink: async (up) => {
                linkUp = up;
                if (running === undefined) return;
                // Who asked for it meanwhile would only ask again after a second.
                const forget = [place.ipv4, place.ipv6].map((address) => `neigh flush to ${address}`);
                await mustRun(["ip", "-batch", "-"], { input: [setMaster(), ...forget].join("\n") });
                // A bridge without a host has no carrier, and takes a moment to notice that it has again.
                while (up && !(await mustRun(["ip", "-oneline", "link", "show", place.bridge])).includes(" state UP "))
                    await new Promise((resolve) => setTimeout(resolve, 20));
            },
            afterBoot: (action) => void afterBoot.push(action),
            remove,
        };
    } catch (error) {
        await remove();
        throw error;
    }
}

/** Whether somebody listens on the TCP port in the network of a process, and users may log in. */
function isListening(pid: number | undefined, port: number): boolean {
    if (pid === undefined || !existsSync(`/proc/${pid}`) || existsSync(`/proc/${pid}/root/run/nologin`)) return false;
    const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    return ["tcp", "tcp6"].some((table) =>
        readFileSync(`/proc/${pid}/net/${table}`, "utf8")
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .some(([, address = "", , state]) => address.endsWith(local) && state === "0A"),
    );
}
