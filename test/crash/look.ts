import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceState, Deployment } from "../../engine/state";
import { type Lab, type LabHost, runCommand } from "../lab";
import { REAL } from "./realPrograms";

/** What a host runs and keeps, as it says itself. */
export interface Look {
    /** Digest of the live ruleset without the ids of resource and apply; "none" where there is no table of ours. */
    readonly live: string;
    readonly liveId: string;
    /** Of confirmed.nft, which the next boot loads. */
    readonly confirmed: string;
    readonly confirmedId: string;
    /** The apply that confirmed.json tells of. */
    readonly manifestId: string;
    /** Whether the reason of a failed revert is kept (VF112). */
    readonly failure: boolean;
    /** What an apply must not leave: staged files, pending, helpers, transient units, sets that no rule names. */
    readonly left: readonly string[];
}

const LOOK = `
same() { sed 's/ r=[0-9a-f-]* a=[0-9a-f]* / r= a= /' | sha256sum | cut -c 1-16; }
# One, or several that differ where the families do.
id() { sed -n 's/.*comment "vpsfw1 .* a=\\([0-9a-f]*\\) .*/\\1/p' | sort -u | paste -s -d + -; }
cd /var/lib/vps-firewall 2>/dev/null || cd /
ours() {
    if [ -e ${REAL}/nft ]; then ${REAL}/nft -s list table inet vps_firewall 2>/dev/null; return; fi
    for program in ${REAL}/iptables-*-save ${REAL}/ip6tables-*-save; do $program -t filter | grep VPSFW; done
}
confirmed=confirmed.nft
[ -e ${REAL}/nft ] || confirmed=confirmed.rules
table=$(ours)
if [ -n "$table" ]; then
    printf '%s\\n' "$table" | same
    printf 'id %s\\n' "$(printf '%s\\n' "$table" | id)"
else
    printf 'none\\nid \\n'
fi
loader=
if [ -f "$confirmed" ]; then
    loader='load\\.sh|backup-first\\.txt|backup-[0-9]{6}-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}\\.(nft|rules|json)|'
    same <"$confirmed"
    printf 'id %s\\n' "$(id <"$confirmed")"
else
    printf 'none\\nid \\n'
fi
printf 'id %s\\n' "$(sed -n 's/.*"applyId": "\\([0-9a-f]*\\)".*/\\1/p' confirmed.json 2>/dev/null)"
test -f failure && echo yes || echo no
ls -A /var/lib/vps-firewall /run/vps-firewall 2>/dev/null |
    grep -vE '^(/.*:|'"$loader"'confirmed\\.nft|confirmed\\.rules|confirmed\\.json|failure|host-id|lock|lock\\.owner|)$'
for set in $(ipset list -n 2>/dev/null); do
    case $table in *" $set "*) ;; *) echo "set $set" ;; esac
done
if [ -d /run/systemd/system ]; then
    systemctl list-units --all --plain --no-legend 'vps-firewall-revert*' | cut -d ' ' -f 1
fi
exit 0`;

export async function look(host: LabHost): Promise<Look> {
    const { stdout, stderr } = await host.run(LOOK);
    const lines = stdout.trimEnd().split("\n");
    if (lines.length < 6) throw new Error(`${host.name} says nothing: ${stdout}${stderr}`);
    const [live = "", liveId = "", confirmed = "", confirmedId = "", manifestId = "", failure = "", ...left] = lines;
    const id = (line: string) => line.slice("id ".length);
    return {
        live,
        liveId: id(liveId),
        confirmed,
        confirmedId: id(confirmedId),
        manifestId: id(manifestId),
        failure: failure === "yes",
        left: left.filter((name) => name !== ""),
    };
}

/** How long a helper on the host may take to see that nothing is pending any more, while others hold the lock. */
const HELPER_ENDS_MS = 15_000;

/** As a host looks once its helpers have ended by themselves; one that does not end is among what is left. */
export async function lookOnceQuiet(host: LabHost): Promise<Look> {
    for (const end = Date.now() + HELPER_ENDS_MS; ; await sleep(500)) {
        const found = await look(host);
        if (found.left.length === 0 || Date.now() > end) return found;
    }
}

/** Why management does not get in, by a new TCP connection and a login that runs a command; empty when it does. */
export async function lockOut(lab: Lab, host: LabHost): Promise<string> {
    const outcome = await lab.connect({ to: host.ipv4, port: host.port, timeout: 2000 });
    if (outcome !== "open") return `a new connection to port ${host.port}: ${outcome}`;
    const options = ["BatchMode=yes", "ConnectTimeout=5", `UserKnownHostsFile=${host.knownHostsFile}`];
    const { stdout, stderr } = await runCommand([
        "ssh",
        ...["-F", "none", "-i", host.keyFile, "-p", String(host.port)],
        ...options.flatMap((option) => ["-o", option]),
        `${host.user}@${host.ipv4}`,
        "echo logged in",
    ]);
    return stdout.includes("logged in") ? "" : `no login: ${stderr.trim()}`;
}

/** What the state says of a host: the apply it runs and how it is meant to be; undefined where it is not in the state. */
export interface Kept {
    readonly applyId: string;
    /** Why the last operation on it stopped half way (VF111). */
    readonly errors: readonly string[];
}

export function keptOf(state: Deployment, host: LabHost): Kept | undefined {
    const resource = state.resources.find((candidate) => candidate.custom && targetOf(candidate) === host.ipv4);
    if (resource === undefined) return undefined;
    const { applyId } = resource.outputs as { readonly applyId?: string };
    return { applyId: applyId ?? "", errors: resource.initErrors };
}

function targetOf({ inputs }: ResourceState): string | undefined {
    return (inputs as { readonly target?: { readonly host?: string } }).target?.host;
}
