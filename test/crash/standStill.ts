import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabHost } from "../lab";
import { ALL_KINDS, type Cell, FAULTS, type Filter, LONG_FAULTS, type Moment, type Operation } from "./cells";
import { iptablesWrappers } from "./iptablesWrappers";
import { REAL } from "./realPrograms";

/**
 * Places of the protocol at which a host can be made to stand still, so that a fault strikes exactly there:
 * asked what it runs; staged files being checked; the first apply only tracks; armed, before the load; loaded, before
 * the window begins; the window has begun; logged in anew to confirm; before and after the commit; before and after the way back is loaded;
 * before and after a delete takes the table away. With iptables also: IPv4 is loaded, taken back or taken away, IPv6 not yet.
 */
export type Point =
    | "looking"
    | "checking"
    | "tracking"
    | "loading"
    | "loaded"
    | "answering"
    | "connected"
    | "committing"
    | "committed"
    | "reverting"
    | "reverted"
    | "removing"
    | "removed"
    | "half-loaded"
    | "half-reverted"
    | "half-removed";

/** The points of a moment; a reboot in the middle happens while nothing is confirmed, or right after a delete's commit. */
export function pointsOf(operation: Operation, moment: Moment, filter: Filter): readonly Point[] {
    const halves = filter === "nft" ? undefined : HALVES[operation][moment];
    if (halves) return halves;
    switch (moment) {
        case "probe":
            return ["looking"];
        case "arm":
            return ["checking"];
        case "load":
            if (operation === "delete") return ["removing", "removed"];
            return operation === "create" ? ["tracking", "loading", "loaded"] : ["loading", "loaded"];
        case "between":
            return ["answering", "connected"];
        case "confirm":
            return ["committing", "committed"];
        case "revert":
            return ["reverting", "reverted"];
        case "boot":
            return operation === "delete" ? ["committed"] : ["answering", "connected"];
    }
}

/** One for each variant, so that both show that each fault between the families is survived, or the one right before. */
const HALVES: Readonly<Record<Operation, Partial<Record<Moment, readonly Point[]>>>> = {
    create: { load: ["half-loaded", "tracking"], revert: ["half-reverted", "reverting"] },
    change: { load: ["half-loaded", "loading"], revert: ["half-reverted", "reverting"] },
    delete: { load: ["half-removed", "removing"] },
};

/**
 * The point that a cell uses: the next one with each userland of its kind, so that a kind of host shows every point of
 * a moment that has no more points than the kind has userlands. Where they begin differs by fault and kind.
 */
export function pointOf({ kind, userland, filter, operation, moment, fault }: Cell): Point {
    const points = pointsOf(operation, moment, filter);
    const alike = ALL_KINDS.filter((other) => other.kind === kind && isNft(other.filter) === isNft(filter));
    const userlands = alike.map((other) => other.userland);
    const begin = FAULTS_AND_KINDS.indexOf(`${fault} ${kind}`);
    return points[(begin + Math.max(userlands.indexOf(userland), 0)) % points.length]!;
}

const isNft = (filter: Filter) => filter === "nft";

const FAULTS_AND_KINDS = [...FAULTS, ...LONG_FAULTS].flatMap((fault) => [`${fault} systemd`, `${fault} plain`]);

const LIBRARY = `# Waits at the gate when /run/stand-still names this point.
stand_still() {
    read -r point 2>/dev/null </run/stand-still && [ "$point" = "$1" ] || return 0
    echo "$$" >/run/stands-still
    wait_at gate
    # The faked clock, where it has jumped meanwhile.
    [ ! -e /run/clock ] || . /run/clock
}
# A pipe that nobody writes to: costs nothing while it is waited for, and ends when somebody opens it.
wait_at() {
    [ ! -p "/run/$1" ] || read -r _ 2>/dev/null <"/run/$1"
    return 0
}
`;

const NFT = `#!/bin/sh
. ${REAL}/library
case "$*" in --version | -v) exec ${REAL}/nft "$@" ;; esac
fails() {
    echo "nft: the lab lets it fail" >&2
    exit 1
}
# "everything" fails, or only what "loads": asked once the call goes on, since that is the one that is to fail.
real() {
    if read -r what 2>/dev/null </run/nft-fails; then
        [ "$what" = everything ] && fails
        case "$1" in -f) fails ;; esac
    fi
    ${REAL}/nft "$@"
}
case "$*" in
"-c -f "*.forward.nft) stand_still checking ;;
"-f "*.track.nft)
    real "$@" || exit
    stand_still tracking
    exit 0
    ;;
"-f "*.forward.nft)
    stand_still loading
    real "$@" || exit
    : >/run/forward-loaded
    stand_still loaded
    exit 0
    ;;
"-f "*.back.nft)
    stand_still reverting
    real "$@" || exit
    stand_still reverted
    exit 0
    ;;
*"list ruleset inet") stand_still looking ;;
"-j "*"list table inet vps_firewall") [ ! -e /run/forward-loaded ] || stand_still answering ;;
"delete table inet vps_firewall"*)
    stand_still removing
    real "$@" || exit
    stand_still removed
    exit 0
    ;;
"-f "*confirmed.nft)
    if [ ! -e /run/boot-struck ] && read -r what 2>/dev/null </etc/boot-strikes; then
        : >/run/boot-struck
        [ "$what" != nft-failing ] || fails
        [ "$what" != revert-killed ] || systemctl kill --signal=KILL vps-firewall.service
    fi
    ;;
esac
real "$@"
`;

/** The commits of an apply and of a delete. */
const MV = `#!/bin/sh
case "$*" in
*.boot.nft" "*/confirmed.nft | *"/confirmed.nft "*/removed.nft | *.boot.rules" "*/confirmed.rules | *"/confirmed.rules "*/removed.rules)
    . ${REAL}/library
    stand_still committing
    ${REAL}/mv "$@" || exit
    stand_still committed
    exit 0
    ;;
esac
exec ${REAL}/mv "$@"
`;

/** Run by sshd before each command: at the beginning of an operation, and when the client is back to confirm. */
const SSHRC = `. ${REAL}/library
if [ -p /run/hold ]; then
    : >/run/held
    wait_at hold
fi
if [ -e /run/forward-loaded ]; then
    case $(cat /run/stand-still 2>/dev/null) in *revert*) wait_at gate ;; esac
    stand_still connected
fi
`;

/** Puts wrappers before the programs of a host; they do nothing until they are told to. */
export async function installWrappers(host: LabHost, filter: Filter): Promise<void> {
    const write = (file: string, text: string) => `cat >${file} <<'END_OF_WRAPPER'\n${text}END_OF_WRAPPER\n`;
    const script = [
        "set -e",
        `mkdir -p ${REAL} /usr/local/sbin`,
        write(`${REAL}/library`, LIBRARY),
        // In its place, so that a unit which names its path meets it too.
        ...(filter === "nft"
            ? [`mv /usr/sbin/nft ${REAL}/nft`, write("/usr/sbin/nft", NFT), "chmod 755 /usr/sbin/nft"]
            : iptablesWrappers(filter).map(
                  ({ program, text }) =>
                      `ln -s "$(readlink -f /usr/sbin/${program})" ${REAL}/${program}; rm /usr/sbin/${program}\n` +
                      `${write(`/usr/sbin/${program}`, text)}chmod 755 /usr/sbin/${program}`,
              )),
        `ln -s "$(command -v mv)" ${REAL}/mv`,
        write("/usr/local/sbin/mv", MV),
        "chmod 755 /usr/local/sbin/mv",
        write("/etc/ssh/sshrc", SSHRC),
        // What such a host has that runs at boot.
        ...(host.kind === "plain" ? ["printf '#!/bin/sh\\n' >/etc/rc.local", "chmod 755 /etc/rc.local"] : []),
    ];
    const { code, stderr } = await host.run("sh", { input: script.join("\n") });
    if (code !== 0) throw new Error(`no wrappers in ${host.name}: ${stderr}`);
}

/** The next operation waits at its beginning until `letBegin`, and at the point until `letGoOn`. */
export async function standStillAt(host: LabHost, point: Point | undefined): Promise<void> {
    await host.run(`
        rm -f /run/stands-still /run/held /run/forward-loaded /run/stand-still /run/gate /run/hold
        mkfifo /run/hold /run/gate
        ${point === undefined ? "" : `echo ${point} >/run/stand-still`}`);
}

/** A file of the host as this process sees it: a look at it starts no process there. */
export const inHost = (host: LabHost, file: string) => `/proc/${host.pid}/root${file}`;

export const isHeld = (host: LabHost) => existsSync(inHost(host, "/run/held"));
export const standsStill = (host: LabHost) => existsSync(inHost(host, "/run/stands-still"));

export const letBegin = (host: LabHost) => open(host, "hold");
/** Lets the host go on, and not stand still again. */
export const letGoOn = (host: LabHost) => open(host, "gate");

/** Whoever comes after the pipe has been moved away walks past it; who waits before it is let through. */
async function open(host: LabHost, pipe: "hold" | "gate"): Promise<void> {
    const also = pipe === "gate" ? "rm -f /run/stand-still; " : "";
    await host.run(
        `${also}mv /run/${pipe} /run/${pipe}.open 2>/dev/null && sleep 0.3 <>/run/${pipe}.open; rm -f /run/${pipe}.open`,
    );
}

/** Polls until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>, seconds: number, what: string): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !(await condition()); await sleep(50)) {
        if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    }
}
