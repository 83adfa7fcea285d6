import { applyRuleset } from "../../../targets/ssh/applyRuleset";
import { probeHost } from "../../../targets/ssh/probeHost";
import type { ApplyOptions, ApplyOutcome, Probe, ProtocolOptions, Timing } from "../../../targets/ssh/protocol";
import type { BareHost } from "./bareHost";
import { planFor } from "./rulesets";

/** The waits, shortened. */
export const timing: Partial<Timing> = { track: 0, retry: 1, giveUp: 3, dial: 2, reach: 10, lock: 10 };

export function optionsFor(host: BareHost): ProtocolOptions {
    return { host: "web1", connect: () => host.connect(), timing };
}

export function probe(host: BareHost): Promise<Probe> {
    return probeHost(optionsFor(host));
}

/** Applies the ruleset that opens `port`. */
export function apply(host: BareHost, port: number, other: Partial<ApplyOptions> = {}): Promise<ApplyOutcome> {
    return applyRuleset({
        ...optionsFor(host),
        plan: (_, applyId) => planFor(applyId, port),
        verify: () => undefined,
        confirmSeconds: 20,
        ...other,
    });
}

/** A client that loads and is gone before it confirms; the id of its apply. */
export async function applyAndVanish(host: BareHost, port: number, confirmSeconds: number): Promise<string> {
    let id = "";
    const vanished = new Error("vanished");
    const outcome = apply(host, port, {
        confirmSeconds,
        onStage: (stage, applyId) => {
            id = applyId;
            if (stage === "loaded") throw vanished;
        },
    });
    await expect(outcome).rejects.toBe(vanished);
    return id;
}

export function mustBe<Kind extends ApplyOutcome["kind"]>(
    outcome: ApplyOutcome,
    kind: Kind,
): Extract<ApplyOutcome, { kind: Kind }> {
    expect(outcome.kind).toBe(kind);
    return outcome as Extract<ApplyOutcome, { kind: Kind }>;
}

/** The port that the live ruleset opens beside ssh; undefined when there is no table. */
export function openPort(host: BareHost): number | undefined {
    const found = /tcp dport (\d+) .*"web\/open"/.exec(host.sh("nft list ruleset"));
    return found ? Number(found[1]) : undefined;
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, seconds = 10): Promise<void> {
    for (const end = Date.now() + seconds * 1000; !condition();) {
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${condition.toString()}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

export const confirmedFile = "/var/lib/vps-firewall/confirmed.nft";
/** What an apply must not leave. */
export const staged =
    "ls /var/lib/vps-firewall | grep -Ev '^(confirmed|backup-(first|[0-9]{6}-[^.]*)\\.[a-z]+$)' || true";

/** Kills every step that runs on the host. */
export function killSteps(host: BareHost): void {
    host.sh(`for process in /proc/[0-9]*; do
        case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
            'sh -s --'*) kill -9 "\${process#/proc/}" 2>/dev/null ;;
        esac
    done; true`);
}
