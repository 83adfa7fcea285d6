import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeLab } from "../../lab/network";
import type { ProtocolSession, RunResult } from "../../../targets/ssh/protocol";

/**
 * A host without sshd: network, mount and pid namespaces of its own with an empty /run and /var/lib and an /etc of its
 * own, the real nft and kernel. A session runs its command there as sshd would, by `sh -c`. It ends with the process that started it.
 */
export interface BareHost {
    readonly pid: number;
    connect(): Promise<ProtocolSession>;
    /** Runs a script inside and returns what it prints; throws when it fails. */
    sh(script: string): string;
    stop(): void;
}

/** `busybox`: /usr/bin is nothing but busybox, so ash is the shell and there is no flock. */
export type Userland = "debian" | "busybox";

/** `describe` for root, who can make namespaces; else as for the lab. */
export const describeBare: typeof describeLab =
    process.getuid?.() === 0 && "describe" in globalThis ? describe : describeLab;

const CONNECTION = "192.0.2.200 40000 192.0.2.10 22";

export async function startBareHost(userland: Userland = "debian"): Promise<BareHost> {
    const folder = mkdtempSync(join(tmpdir(), "vpsfw-bare-"));
    if (userland === "busybox") linkBusybox(folder);
    const set = [
        "mount -t proc proc /proc",
        "mount -t tmpfs tmpfs /run",
        "mount -t tmpfs -o size=64m tmpfs /var/lib",
        // A copy of /etc, and a place for programs that come first.
        "mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work",
        "mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc && umount -l /mnt",
        "mount -t tmpfs tmpfs /usr/local/sbin",
        "ip link set lo up",
        ...(userland === "busybox" ? [`mount --bind ${folder} /usr/bin`] : []),
        "echo ready",
        "cat",
    ];
    const holder = spawn(
        "unshare",
        ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-e", "-c", set.join("\n")],
        { stdio: ["pipe", "pipe", "inherit"] },
    );
    await firstLine(holder);
    const pid = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim());
    return {
        pid,
        connect: () => Promise.resolve(enteredSession(pid)),
        sh(script) {
            const { status, stdout, stderr } = spawnSync("nsenter", entering(pid, ["sh", "-c", script]), {
                encoding: "utf8",
                maxBuffer: 2 ** 28,
            });
            if (status !== 0) throw new Error(`${script}: exit ${status} ${stderr}`);
            return stdout;
        },
        stop() {
            holder.kill("SIGKILL");
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** A session with the namespaces of `pid`. */
export function enteredSession(pid: number): ProtocolSession {
    let closed = false;
    return {
        run(command, stdin, { timeoutMs }) {
            if (closed) return Promise.reject(new Error("the session is closed"));
            return new Promise<RunResult>((resolve, reject) => {
                const child = spawn("nsenter", entering(pid, ["sh", "-c", command]));
                const timer = setTimeout(() => {
                    child.kill("SIGKILL");
                    reject(new Error("time-out"));
                }, timeoutMs);
                const output = { stdout: "", stderr: "" };
                child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
                child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
                child.stdin.on("error", () => undefined);
                child.on("close", (code) => {
                    clearTimeout(timer);
                    resolve({ code, ...output });
                });
                child.stdin.end(stdin);
            });
        },
        close() {
            closed = true;
        },
    };
}

function entering(pid: number, command: string[]): string[] {
    return [
        "-t",
        String(pid),
        "-n",
        "-m",
        "-p",
        "env",
        "-i",
        `SSH_CONNECTION=${CONNECTION}`,
        "PATH=/usr/sbin:/usr/bin",
        ...command,
    ];
}

function linkBusybox(folder: string): void {
    const { stdout } = spawnSync("busybox", ["--list"], { encoding: "utf8" });
    // Under its own name: the links must not lead to themselves.
    copyFileSync("/usr/bin/busybox", join(folder, "busybox-itself"));
    chmodSync(join(folder, "busybox-itself"), 0o755);
    for (const applet of stdout.trim().split("\n")) symlinkSync("busybox-itself", join(folder, applet));
}

function firstLine(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
        child.stdout?.once("data", () => resolve());
        child.once("exit", (code) => reject(new Error(`the namespaces did not start (exit ${code})`)));
    });
}
