import type { CommandOptions, CommandResult } from "./command";
import { mustRun } from "./command";
import type { Machine } from "./machine";

/** What can go wrong with a host, given to it from outside. */
export interface Faults {
    /** The deployer's link to it goes down: no packet passes, nobody is told. It stays so over a reboot. */
    cutNetwork(): Promise<void>;
    restoreNetwork(): Promise<void>;
    /** From now on nothing more can be written on its disk: no space is left. It stays so over a reboot. */
    fillDisk(): Promise<void>;
    /**
     * From now on its disk is mounted read-only: everything but /run, /tmp, /dev, /proc and /sys. It stays so over a
     * reboot. What is open for writing, or reached from a working directory below /, can still be written until then.
     */
    makeDiskReadOnly(): Promise<void>;
    /** Both end. */
    restoreDisk(): Promise<void>;
    /** Ends sshd and every session at once. systemd starts sshd again by itself, a plain host does not. */
    killSshd(): Promise<void>;
    startSshd(): Promise<void>;
    /**
     * What is started from now on by `run`, in a new SSH session or by systemd sees a wall clock that jumped by so many
     * seconds (jumps add up; back at 0 nothing is faked any more), by libfaketime, which the Debian userlands have. Times
     * of files and of systemd itself, and what sudo starts, stay.
     */
    jumpClock(seconds: number): Promise<void>;
}

type Run = (command: string, options?: Pick<CommandOptions, "input">) => Promise<CommandResult>;

const size = "size=50%,nr_inodes=1m";
const fill = `
    used() { df -B4096 --output="$1" . | tail -n 1 | tr -d ' '; }
    for try in 1 2 3 4 5 6 7 8 9 10; do # something may be written meanwhile
        mount -o "remount,size=$(($(used used) * 4096)),nr_inodes=$(used iused)" . && exit
    done
    exit 1`;
const mounts = "for mount in root root/home root/root root/usr/bin root/usr/sbin; do mountpoint -q $mount || continue;";
const kill = `
    all() { grep -ls '^sshd' /proc/[0-9]*/comm | cut -d/ -f3; }
    found=
    while now=$(all) && [ "$now" != "$found" ]; do kill -STOP $now; found=$now; done # the stopped start no others
    kill -KILL $found`;

/** `clock` takes the environment that `run` needs once the clock has jumped. */
export function faultsOf(machine: Machine, kind: "plain" | "systemd", run: Run, clock: string[]): Faults {
    let overmounted: { readonly pid: number; readonly folders: string } | undefined;
    let full = false;
    let offset = 0;

    const onDisk = (script: string) =>
        mustRun([...machine.enterDisk, "sh", "-euc", `cd ${machine.scratch}\n${script}`]);
    async function inHost(script: string, input = ""): Promise<string> {
        const { code, stdout, stderr } = await run(script, { input });
        if (code !== 0) throw new Error(`a fault could not be given to the host: ${stderr}`);
        return stdout;
    }

    /** Through the environment: sshd's own sandbox ends a process of sshd that has the library loaded. */
    async function setClock(): Promise<void> {
        const library = (await inHost("ls /usr/lib/*/faketime/libfaketime.so.1")).trim();
        const faked = offset !== 0;
        const variables = faked
            ? [`LD_PRELOAD=${library}`, `FAKETIME=${offset < 0 ? "" : "+"}${offset}s`, "FAKETIME_DONT_FAKE_MONOTONIC=1"]
            : [];
        const manager = faked
            ? `
            mkdir -p /run/systemd/system/ssh.service.d
            printf '[Service]\\nUnsetEnvironment=LD_PRELOAD\\n' >/run/systemd/system/ssh.service.d/lab.conf
            systemctl daemon-reload
            systemctl set-environment ${variables.join(" ")}`
            : "systemctl unset-environment LD_PRELOAD FAKETIME FAKETIME_DONT_FAKE_MONOTONIC";
        await inHost(`set -e
            sed -i '/^SetEnv LD_PRELOAD/d' /etc/ssh/sshd_config
            ${faked ? `sed -i '1i SetEnv ${variables.join(" ")}' /etc/ssh/sshd_config` : ""}
            ${kind === "systemd" ? manager : ""}
            sockets() { cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == "0A" { print $10 }'; }
            before=$(sockets)
            kill -HUP "$(cat /run/sshd.pid)"
            until now=$(sockets) && [ -n "$now" ] && [ "$now" != "$before" ]; do sleep 0.02; done`);
        await machine.listens();
        clock.splice(0, clock.length, ...variables);
    }
    machine.afterBoot(async () => {
        if (offset !== 0) await setClock();
    });

    // What a boot cleans up makes a little room.
    machine.afterBoot(async () => {
        if (full) await onDisk(fill);
    });

    return {
        cutNetwork: () => machine.setLink(false),
        restoreNetwork: () => machine.setLink(true),
        fillDisk: async () => {
            full = true;
            await onDisk(fill);
        },
        makeDiskReadOnly: async () => {
            await onDisk(`${mounts} mount -o remount,bind,ro $mount; done`);
            // A mount that is in use for writing refuses to become read-only: another one goes on top of it.
            const folders = await inHost(`
                for folder in /*; do
                    case "$folder" in /proc | /sys | /dev | /run | /tmp) continue ;; esac
                    if [ -L "$folder" ] || [ ! -d "$folder" ]; then continue; fi
                    mount --rbind "$folder" "$folder" && mount -o remount,bind,ro "$folder" && echo "$folder"
                done`);
            overmounted = { pid: machine.pid(), folders: folders.trim().replace(/\n/g, " ") };
        },
        restoreDisk: async () => {
            full = false;
            await onDisk(`mount -o remount,${size} .; ${mounts} mount -o remount,bind,rw $mount; done`);
            const now = overmounted;
            overmounted = undefined;
            if (now?.pid === machine.pid()) await inHost(`umount -l ${now.folders}`);
            else if (now !== undefined)
                await inHost(`for m in / /home /root /usr/bin /usr/sbin; do
                    mount -o remount,bind,rw $m 2>/dev/null || [ $m != / ]; done`);
        },
        killSshd: async () => void (await inHost(kill)),
        startSshd: async () => {
            const start = "systemctl reset-failed ssh; systemctl start ssh";
            await inHost(kind === "systemd" ? start : "/usr/sbin/sshd -E /run/sshd.log");
            await machine.listens();
        },
        jumpClock: async (seconds) => {
            offset += seconds;
            await setClock();
        },
    };
}
