import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const prefix = "vpsfw-lab-";

/** Makes the lab's folder, named after this process, and removes those of processes that are gone. */
export function makeWorkFolder(): string {
    for (const name of readdirSync(tmpdir())) {
        const owner = /^vpsfw-lab-(\d+)-/.exec(name)?.[1];
        if (owner !== undefined && !existsSync(`/proc/${owner}`))
            rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
    return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

/**
 * Starts the process that removes the lab's bridge and folder. It waits for its input to end, which happens when the
 * lab is closed and, just as well, when this process is killed: both ways of ending take the same road.
 */
export function startCleaner(bridge: string, folder: string): () => Promise<void> {
    // Something that was just being started may still write while the folder is removed, or be on its way out.
    const script = `cat >/dev/null
        ip link delete "$1"
        ip link delete "$1-off"
        for try in 1 2 3 4 5; do rm -rf "$2" && break; sleep 0.2; done
        ${removeCgroups(basename(folder))}`;
    const cleaner = spawn("unshare", ["--mount", "sh", "-c", script, "sh", bridge, folder], {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
    });
    const exited = once(cleaner, "exit");
    return async () => {
        cleaner.stdin.end();
        await exited;
    };
}

/** Hosts with systemd have a cgroup for each boot, at the top of the tree and named after the lab's folder. */
const removeCgroups = (folder: string) => `
    mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit
    for try in 1 2 3 4 5 6 7 8 9 10; do
        find /sys/fs/cgroup/${folder}-* -depth -type d -exec rmdir {} +
        [ -z "$(find /sys/fs/cgroup -maxdepth 1 -name '${folder}-*')" ] && break
        sleep 0.2
    done`;
