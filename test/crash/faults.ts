import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync, writeFileSync } from "node:fs";
import type { LabHost } from "../lab";
import type { Cell, Fault } from "./cells";
import { inHost, until } from "./standStill";

/** Ends what a fault has left in place. */
export type Lift = () => Promise<unknown>;

/**
 * How each fault strikes a host that stands still. Resolves when it has struck; the host goes on then. What it returns
 * is called once the host was looked at with the fault still in place.
 */
type Strike = (host: LabHost, cell: Cell) => Promise<Lift | void>;

/** Longer than the window of 5 s: what lasts so long can't be confirmed any more. */
const PAST_THE_WINDOW = 8000;
/** Seconds. */
const DAY = 86_400;

/** Later, whatever becomes of the operation; the lift waits for it. */
function later(milliseconds: number, act: () => Promise<unknown>): Lift {
    const done = sleep(milliseconds).then(act);
    // It is awaited only when the cell is judged.
    done.catch(() => undefined);
    return () => done;
}

const strikes: Readonly<Record<Exclude<Fault, "client-killed">, Strike>> = {
    "network-cut": async (host, { moment }) => {
        const booted = moment === "boot" ? host.reboot() : undefined;
        booted?.catch(() => undefined);
        await host.cutNetwork();
        await booted;
        return later(PAST_THE_WINDOW, () => host.restoreNetwork());
    },
    "network-gone": async (host) => {
        await host.cutNetwork();
        return () => host.restoreNetwork();
    },
    "sshd-killed": async (host, { moment }) => {
        if (moment === "boot") await host.reboot();
        await host.killSshd();
        return later(PAST_THE_WINDOW, () => host.startSshd());
    },
    "revert-killed": async (host, { moment }) => {
        if (moment === "boot") return bootStrikes(host, "revert-killed");
        // With the nft that it waits for, if it is already about it: all of its session.
        await mustRunIn(host, KILL_HELPER);
        return undefined;
    },
    reboot: async (host, { userland, moment }) => {
        // A clean one leaves what was written; a power cut is the harder one.
        if (moment === "boot") {
            await host.powerCut();
            const booting = host.boot();
            booting.catch(() => undefined);
            await until(() => hasNetwork(host), 60, `${host.name} to boot`);
            await host.powerCut();
            await host.boot();
        } else if (userland === "bookworm" || userland === "machine") {
            await host.powerCut();
            await host.boot();
        } else await host.reboot();
        return undefined;
    },
    "disk-full": async (host, { moment }) => {
        await host.fillDisk();
        if (moment === "boot") await host.reboot();
        return () => host.restoreDisk();
    },
    "disk-read-only": async (host, { moment }) => {
        await host.makeDiskReadOnly();
        if (moment === "boot") await host.reboot();
        return () => host.restoreDisk();
    },
    "nft-failing": async (host, { moment }) => {
        if (moment === "boot") return bootStrikes(host, "nft-failing");
        writeFileSync(inHost(host, "/run/nft-fails"), "everything\n");
        return later(PAST_THE_WINDOW, () => host.run("rm -f /run/nft-fails"));
    },
    "nft-broken": async (host) => {
        writeFileSync(inHost(host, "/run/nft-fails"), "loads\n");
        return () => host.run("rm -f /run/nft-fails");
    },
    "clock-jump": async (host, { moment }) => {
        await host.jumpClock(DAY);
        // For the nft that stands still: it began before.
        await mustRunIn(host, "sed -n 's/^SetEnv LD_PRELOAD/export LD_PRELOAD/p' /etc/ssh/sshd_config >/run/clock");
        if (moment === "boot") await host.reboot();
        return async () => {
            await mustRunIn(host, "rm -f /run/clock");
            await host.jumpClock(-DAY);
        };
    },
};

/** It has begun to boot. */
function hasNetwork(host: LabHost): boolean {
    try {
        return readFileSync(`/proc/${host.pid}/net/dev`, "utf8").includes("eth0");
    } catch {
        return false;
    }
}

/** The one that is about to load the way back, with the program that it waits for; else one that only watches. */
const KILL_HELPER = `
session_of() {
    read -r stat 2>/dev/null <"$1/stat" || return 0
    set -- \${stat##*) }
    echo "$4"
}
victim=
for file in $(grep -la '[.]back[.]nft' /proc/[0-9]*/cmdline 2>/dev/null); do victim=$(session_of "\${file%/*}"); done
case $(cat /run/stand-still 2>/dev/null) in
*revert*) [ -n "$victim" ] || victim=$(read -r waiting </run/stands-still && session_of "/proc/$waiting") ;;
esac
if [ -z "$victim" ]; then
    for ready in /run/vps-firewall/ready.*; do IFS=: read -r _ helper _ <"$ready" && victim=$(session_of "/proc/$helper"); done
fi
[ -n "$victim" ] || exit 1
for process in /proc/[0-9]*; do
    [ "$(session_of "$process")" != "$victim" ] || kill -9 "\${process#/proc/}"
done`;

async function mustRunIn(host: LabHost, script: string): Promise<void> {
    const { code, stderr } = await host.run(script);
    if (code !== 0) throw new Error(`a fault could not strike ${host.name}: ${stderr}`);
}

/** What strikes the boot itself: the wrapper around nft does it there. */
async function bootStrikes(host: LabHost, fault: Fault): Promise<Lift> {
    writeFileSync(inHost(host, "/etc/boot-strikes"), `${fault}\n`);
    await host.reboot();
    return () => host.run("rm -f /etc/boot-strikes");
}

export function strike(host: LabHost, cell: Cell): Promise<Lift | void> {
    if (cell.fault !== "client-killed") return strikes[cell.fault](host, cell);
    // The caller kills it, for all of its hosts at once; what is left is the boot in its middle.
    return cell.moment === "boot" ? host.powerCut().then(() => host.boot()) : Promise.resolve();
}
