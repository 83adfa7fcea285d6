import { homedir } from "node:os";
import { applyRuleset } from "../../targets/ssh/applyRuleset";
import { probeHost } from "../../targets/ssh/probeHost";
import type { ApplyOptions, ApplyOutcome, Plan, Probe, ProtocolOptions } from "../../targets/ssh/protocol";
import { removeRuleset } from "../../targets/ssh/removeRuleset";
import { openSession } from "../../targets/ssh/session";
import type { LabHost } from "../lab";
import { timing } from "../targets/protocol/kit";
import { RESOURCE, ruleset } from "../targets/protocol/rulesets";

/** Ports of what `watchArrivals` listens on: the ruleset of `apply` accepts datagrams to the one, drops the other. */
export const ACCEPTED = 7001;
export const DROPPED = 7002;

function reach(host: LabHost): ProtocolOptions {
    const { ipv4, port, user, hostKey, privateKey } = host;
    const target = { host: ipv4, port, user, hostKey, dialErrorLimit: 2, perDialTimeout: 5 };
    const surroundings = { config: {}, env: {}, home: homedir() };
    return {
        host: host.name,
        connect: (signal) => openSession(target, { privateKey }, surroundings, { signal }),
        timing: { ...timing, dial: 5, reach: 30 },
    };
}

export const probe = (host: LabHost): Promise<Probe> => probeHost(reach(host));
export const remove = (host: LabHost) => removeRuleset({ ...reach(host), resource: RESOURCE });

/** Applies the ruleset that opens ssh, the TCP port `port` and the UDP port ACCEPTED. */
export function apply(host: LabHost, port: number, other: Partial<ApplyOptions> = {}): Promise<ApplyOutcome> {
    const plan = (_: Probe, applyId: string): Plan => {
        const forward = ruleset(applyId, port).replace(
            "tcp dport 22",
            `udp dport ${ACCEPTED} accept\n        tcp dport 22`,
        );
        return { forward, boot: forward, manifest: { port } };
    };
    return applyRuleset({ ...reach(host), plan, verify: () => undefined, confirmSeconds: 20, ...other });
}

/** A client that is gone once its ruleset is loaded; the id of its apply. */
export async function applyAndVanish(
    host: LabHost,
    port: number,
    confirmSeconds: number,
    other: Partial<ApplyOptions> = {},
): Promise<string> {
    let id = "";
    const vanished = new Error("vanished");
    const onStage = (stage: string, applyId: string) => {
        id = applyId;
        if (stage === "loaded") throw vanished;
    };
    await expect(apply(host, port, { ...other, confirmSeconds, onStage })).rejects.toBe(vanished);
    return id;
}

/** Runs a script in the host and returns what it prints; throws when it fails. */
export async function sh(host: LabHost, script: string): Promise<string> {
    const { code, stdout, stderr } = await host.run(script);
    if (code !== 0) throw new Error(`${script}: exit ${code} ${stderr}`);
    return stdout;
}

/** The TCP port that the live ruleset opens beside ssh; undefined when there is no table. */
export async function openPort(host: LabHost): Promise<number | undefined> {
    const found = /tcp dport (\d+) .*"web\/open"/.exec(await sh(host, "nft list ruleset"));
    return found ? Number(found[1]) : undefined;
}

export async function until(condition: () => Promise<boolean>, seconds = 20): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !(await condition());) {
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${condition.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

const LISTENER = `
use Socket;
my %ports;
for my $port (${ACCEPTED}, ${DROPPED}) {
    socket($ports{$port}, PF_INET, SOCK_DGRAM, 0) and bind($ports{$port}, sockaddr_in($port, INADDR_ANY)) or die $!;
}
open my $boot, '<', '/proc/sys/kernel/random/boot_id'; chomp(my $id = <$boot>);
open my $log, '>>', '/var/log/arrivals' or die $!; select((select($log), $| = 1)[0]);
# Only now is whoever waits for this service allowed to go on.
fork and exit;
print $log "$id started\\n";
while (1) {
    my $ready = ''; vec($ready, fileno($_), 1) = 1 for values %ports;
    select($ready, undef, undef, undef) > 0 or next;
    for my $port (keys %ports) {
        vec($ready, fileno($ports{$port}), 1) and recv($ports{$port}, my $text, 100, 0) and print $log "$id $port\\n";
    }
}
`;

/**
 * Has the host count what arrives at both ports from before its network is up until its last moment, in this boot and
 * in all that follow.
 */
export async function watchArrivals(host: LabHost): Promise<void> {
    await host.run(["tee", "/usr/local/sbin/listener"], { input: LISTENER });
    await host.run(["tee", "/etc/systemd/system/listener.service"], {
        input: `[Unit]
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target vps-firewall.service
Wants=network-pre.target
[Service]
Type=forking
ExecStart=/usr/bin/perl /usr/local/sbin/listener
[Install]
WantedBy=sysinit.target
`,
    });
    await sh(host, "systemctl daemon-reload && systemctl enable --now listener.service");
}

/** What has arrived, boot by boot. */
export async function arrivals(host: LabHost): Promise<{ accepted: number; dropped: number }[]> {
    const boots = new Map<string, { accepted: number; dropped: number }>();
    for (const line of (await sh(host, "cat /var/log/arrivals")).trim().split("\n")) {
        const [boot = "", what] = line.split(" ");
        const counts = boots.get(boot) ?? { accepted: 0, dropped: 0 };
        if (what === String(ACCEPTED)) counts.accepted++;
        if (what === String(DROPPED)) counts.dropped++;
        boots.set(boot, counts);
    }
    return [...boots.values()];
}
