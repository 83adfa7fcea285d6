import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runOutside } from "./network";

/**
 * "machine": the programs of this machine. A Debian release: its own programs, by debootstrap, cached between runs.
 * "busybox": every program but sshd and nft is busybox, and sh is its ash.
 */
export type Userland = "machine" | "bullseye" | "bookworm" | "trixie" | "busybox";

const maker = join(__dirname, "makeUserland.sh");
const made = new Map<string, Promise<string>>();

/** Folder that holds the userland's root; what is not cached is made, which takes most of a minute. */
export function userlandFolder(userland: Userland): Promise<string> {
    if (userland === "machine") return Promise.resolve("/");
    const suite = userland === "busybox" ? "bookworm" : userland;
    const folder = made.get(suite) ?? make(suite);
    made.set(suite, folder);
    return folder;
}

async function make(suite: string): Promise<string> {
    const { code, stdout, stderr } = await runOutside(["sh", maker, suite]);
    if (code !== 0) throw new Error(`no userland of Debian ${suite}: ${stderr.trim()}`);
    return stdout.trim();
}

/** The folder of a Debian release's userland, if one has been made. */
export function cachedUserland(suite: "bullseye" | "bookworm" | "trixie"): string | undefined {
    return execFileSync("sh", [maker, suite, "--cached"], { encoding: "utf8" }).trim() || undefined;
}
