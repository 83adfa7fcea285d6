import { difference } from "../core/analysis/difference";
import { dialects } from "../core/dialects/dialects";
import { diagnostic, FirewallError, printable } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import { HostProvider } from "../provider/hostProvider";
import { liveState, UNMANAGED } from "../provider/hostState";
import { headOf, type Manifest, readManifest } from "../provider/manifest";
import { restored } from "../provider/restored";
import { proofOfRendered } from "../provider/translation";
import { type Backups, listBackups, listTable, showBackup, showFirst, type Target } from "../targets/ssh";
import { numberOf, titleOf } from "./backupShow";
import { reach, surroundings, targetOf } from "./place";
import { policyChanges } from "./policyChanges";
import type { Output } from "./program";

export interface RestoreOptions {
    readonly yes?: boolean;
}

/** Whether the host now runs what was asked for. */
export async function backupRestore(
    output: Output,
    place: string,
    name: string,
    { yes = false }: RestoreOptions,
): Promise<boolean> {
    const target = targetOf(place);
    const number = numberOf(name);
    const backups = await listBackups(reach(target));
    const say = (...lines: string[]) => output.out(lines.map((line) => `${line}\n`).join(""));
    const provider = new HostProvider({ surroundings, log: (_, text) => output.err(`${text}\n`) });
    if (number === "first") return restoreFirst(target, backups, provider, say, yes);

    const backup = await showBackup(reach(target), number);
    const manifest = readManifest(backup.kept?.manifest);
    if (!manifest) throw cannot(target, number, "its rules can't be read");
    const { problem } = proofOfRendered(policyOf(manifest.policy), backup.backend);
    if (problem) throw cannot(target, number, problem.message);

    say(titleOf(backup, target.host, manifest.owner));
    const { lines, traffic } = await changesOn(target, manifest, backups);
    say(...lines.map((line) => `  ${line}`), ...traffic.map((line) => `  ${line}`));
    if (lines.length === 0) say("the host runs these rules already");
    else if (!yes) say("nothing was changed: --yes applies it");
    if (!yes) return lines.length === 0;
    // Also where no line differs: its base may, or the host be kept from loading it at boot.
    const { generation } = await provider.restore(restored(target, manifest, backups.confirmed));
    say(`${printable(target.host)} runs it as generation ${generation}`, PROGRAM);
    return true;
}

const PROGRAM =
    "No state knows of it: `pulumi preview --refresh` shows it as drift, and `pulumi up --refresh` puts the program's rules back.";

/** Ours never touched the rules of others, so without ours everything is as it was. */
async function restoreFirst(
    target: Target,
    { confirmed }: Backups,
    provider: HostProvider,
    say: (...lines: string[]) => void,
    yes: boolean,
): Promise<boolean> {
    // Says that there is none.
    await showFirst(reach(target));
    const host = printable(target.host);
    const head = headOf(confirmed?.manifest);
    if (!head) throw new Error(`${host} does not say whose its ruleset is: destroy it where it was made`);
    say(
        `first backup of ${host}: what it filtered before the first apply.`,
        `The rules of others were never touched, so our ruleset of ${head.rules} rules is removed, as by \`pulumi destroy\`:`,
        "whatever others do not filter passes. The backups on the host go with it.",
    );
    if (!yes) {
        say("nothing was changed: --yes removes it");
        return false;
    }
    const kind = await provider.clear(head.resource, target);
    if (kind === "foreign") return false;
    say(`${host} runs no ruleset of this library any more`, PROGRAM);
    return true;
}

/** Against what the host lists, with what others wrote into our ruleset. */
async function changesOn(target: Target, { policy }: Manifest, { confirmed }: Backups) {
    const live = await listTable(reach(target));
    const expected = readManifest(confirmed?.manifest)?.policy ?? policy;
    const reading = live && dialects[live.backend].read(live.listing, policyOf(expected));
    const now: StoredPolicy = reading ? liveState(reading, expected) : UNMANAGED;
    const lines = policyChanges(now, policy);
    if (reading && !reading.understood)
        return { lines, traffic: ["what others wrote there could not be read in full"] };
    const before = reading ? { ...reading, rules: reading.effective } : policyOf(UNMANAGED);
    return { lines, traffic: trafficChanges(before, policyOf(policy)) };
}

function trafficChanges(before: Policy, after: Policy): string[] {
    const { opened, closed, notAnalysed } = difference(before, after);
    const words = (verb: string, changes: typeof opened) =>
        changes.map(({ direction, what, who }) => printable(`${verb} ${direction} ${what}: ${who}`, 500));
    return [
        ...words("opens ", opened),
        ...words("closes", closed),
        ...notAnalysed.map((direction) => `what this opens and closes ${direction} would take too long to say`),
    ];
}

function cannot({ host }: Target, number: number, problem: string): FirewallError {
    return new FirewallError(diagnostic("VF184", { host, number, problem }));
}
