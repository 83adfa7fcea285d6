import { printable } from "../core/model/diagnostics";
import { readManifest } from "../provider/manifest";
import { showBackup, type ShownBackup, showFirst } from "../targets/ssh";
import { targetOf, reach } from "./place";
import { policyChanges } from "./policyChanges";
import type { Output } from "./program";

export interface ShowOptions {
    readonly json?: boolean;
    readonly raw?: boolean;
}

export async function backupShow(output: Output, place: string, name: string, options: ShowOptions): Promise<void> {
    const { json, raw } = options;
    if (json && raw) throw new Error("say one of --json and --raw");
    const host = reach(targetOf(place));
    const number = numberOf(name);
    if (number === "first") {
        if (json) throw new Error("the first backup is text that programs of the host printed: there is no JSON of it");
        output.out(await showFirst(host));
        return;
    }
    const backup = await showBackup(host, number);
    if (raw) output.out(backup.text);
    else if (json) output.out(`${JSON.stringify(backup.kept?.manifest ?? null, null, 4)}\n`);
    else output.out(`${rulesOf(backup, host.host).join("\n")}\n`);
}

/** How a backup is called: by its number, or `first`. */
export function numberOf(name: string): number | "first" {
    if (name === "first") return "first";
    if (!/^\d{1,6}$/.test(name)) throw new Error(`${printable(name)} is no backup: say its number, or first`);
    return Number(name);
}

/** `backup 4 of 192.0.2.10: generation 4 of acme/web/prod, replaced 2026-08-01T10:15:00Z` */
export function titleOf({ number, replacedAt, kept }: ShownBackup, host: string, owner: string | undefined): string {
    const whose = owner === undefined ? "" : ` of ${owner}`;
    return printable(
        `backup ${number} of ${host}: generation ${kept?.generation ?? "unknown"}${whose}, replaced ${replacedAt}`,
    );
}

function rulesOf(backup: ShownBackup, host: string): string[] {
    const manifest = readManifest(backup.kept?.manifest);
    if (!manifest) {
        const title = titleOf(backup, host, undefined);
        return [title, "its rules can't be read; --raw prints the ruleset as it was loaded"];
    }
    const lines = policyChanges(undefined, manifest.policy).map((line) => line.replace(/^\+/, " "));
    return [titleOf(backup, host, manifest.owner), ...lines];
}
