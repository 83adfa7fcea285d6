import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runOutside } from "./network";

/**
 * "machine": the programs of this machine. A Debian release: its own programs, by debootstrap, cached between runs.
 * "managers": bookworm with fail2ban, ufw and firewalld, all off, and what excludes ufw in /opt/packages.
 * "docker20", "docker26", "docker28": bookworm, trixie and forky with Docker of that version, and Podman; all off. "forky" is
 * the last of these.
 * "busybox": every program but sshd, nft and iptables is busybox, and sh is its ash.
 */
export type Userland =
    "machine" | "bullseye" | "bookworm" | "trixie" | "forky" | "managers" | DockerUserland | "busybox";
export type DockerUserland = "docker20" | "docker26" | "docker28";

const maker = join(__dirname, "makeUserland.sh");
const made = new Map<string, Promise<string>>();

/** Folder that holds the userland's root; what is not cached is made, which takes most of a minute. */
export function userlandFolder(userland: Userland): Promise<string> {
    if (userland === "machine") return Promise.resolve("/");
    const suite = userland === "busybox" ? "bookworm" : userland === "forky" ? "docker28" : userland;
    const folder = made.get(suite) ?? make(suite);
    made.set(suite, folder);
    return folder;
}

async function make(suite: string): Promise<string> {
    const { code, stdout, stderr } = await runOutside(["sh", maker, suite]);
    if (code !== 0) throw new Error(`no userland ${suite}: ${stderr.trim()}`);
    return stdout.trim();
}

/** The folder of a Debian release's userland, if one has been made. */
export function cachedUserland(suite: "bullseye" | "bookworm" | "trixie" | "forky"): string | undefined {
    const name = suite === "forky" ? "docker28" : suite;
    return execFileSync("sh", [maker, name, "--cached"], { encoding: "utf8" }).trim() || undefined;
}
