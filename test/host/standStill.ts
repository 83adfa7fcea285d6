import type { LabHost } from "../lab";

/**
 * Moments of the protocol at which a host can be made to stand still, so that a test acts exactly there: while the
 * first apply only tracks, armed but not loaded, loaded, asked to confirm, confirmed but not answered; looked at before
 * a delete, its commit done but the table there, the table gone.
 */
export type Moment = "tracking" | "armed" | "loaded" | "confirming" | "confirmed" | "looking" | "removing" | "removed";

const WRAPPER = `#!/bin/sh
# nft that stands still as long as /run/stand-still names the moment.
stand_still() {
    read -r moment 2>/dev/null </run/stand-still && [ "$moment" = "$1" ] || return 0
    touch /run/stands-still
    while [ -e /run/stand-still ]; do sleep 0.05; done
}
case "$*" in
"-f "*.track.nft)
    /usr/sbin/nft "$@" || exit
    stand_still tracking
    exit 0
    ;;
"-f "*.forward.nft)
    stand_still armed
    /usr/sbin/nft "$@" || exit
    touch /run/forward-loaded
    stand_still loaded
    exit 0
    ;;
"-t "*"list ruleset inet")
    if [ -e /run/forward-loaded ]; then stand_still confirming; else stand_still looking; fi
    ;;
"-j "*"list table inet vps_firewall")
    # In the step that loads, and in a probe before it, there is something else.
    if [ -e /run/forward-loaded ] && [ ! -e /run/vps-firewall/pending ]; then stand_still confirmed; fi
    ;;
"delete table inet vps_firewall")
    stand_still removing
    /usr/sbin/nft "$@" || exit
    stand_still removed
    exit 0
    ;;
esac
exec /usr/sbin/nft "$@"
`;

/** Makes the host stand still when the next operation comes to that moment. */
export async function standStillAt(host: LabHost, moment: Moment): Promise<void> {
    const wrapper = "/usr/local/sbin/nft";
    await host.run(["tee", wrapper], { input: WRAPPER });
    await host.run(
        `chmod 755 ${wrapper}; rm -f /run/forward-loaded /run/stands-still; echo ${moment} >/run/stand-still`,
    );
}

/** Resolves once the host stands still. */
export async function standsStill(host: LabHost, seconds = 60): Promise<void> {
    await until(
        async () => (await host.run("test -e /run/stands-still")).code === 0,
        seconds,
        `${host.name} to stand still`,
    );
}

/** Lets the host go on, and never stand still again. */
export async function goOn(host: LabHost): Promise<void> {
    await host.run("rm -f /run/stand-still /usr/local/sbin/nft");
}

export async function until(condition: () => Promise<boolean>, seconds: number, what: string): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !(await condition());) {
        if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
