import type { Backend } from "../../core/dialects/dialect";
import { timingOf } from "./probeHost";
import type { Confirmed, ProtocolOptions } from "./protocol";
import { LostAnswer, valueOf } from "./protocolAnswer";
import { explain, runStep } from "./protocolStep";
import { readStored } from "./stored";

/** A confirmed ruleset that a later apply replaced. */
export interface Backup {
    /** By which it is asked for: its generation, unless that got lost. */
    readonly number: number;
    /** When it was replaced, by the host's clock: `2026-08-01T10:15:00Z`. */
    readonly replacedAt: string;
    readonly applyId: string;
    readonly backend: Backend;
    /** Undefined where what is kept with it can't be read. */
    readonly kept: Confirmed | undefined;
}

/** What a host keeps. Manifests are without the entries of large sets. */
export interface Backups {
    readonly confirmed: Confirmed | undefined;
    /** Oldest first. */
    readonly replaced: readonly Backup[];
    /** When what was there before the first apply was written down; undefined where it is not kept. */
    readonly firstAt: string | undefined;
}

/**
 * Which backups a host has. Unlike a probe it ends nothing that is due there, waits for nothing and writes nothing.
 *
 * @throws FirewallError VF162, VF171, VF174 to VF177; what `connect` throws
 */
export async function listBackups(options: ProtocolOptions): Promise<Backups> {
    const timing = timingOf(options);
    const session = await options.connect(new AbortController().signal);
    try {
        const answer = await runStep(session, { name: "backups", filter: {}, timing }, timing.load);
        const { values, sections } = answer;
        const replaced = (values.get("backup") ?? []).map((name) => readBackup(name, sections.get(`manifest ${name}`)));
        const first = valueOf(answer, "first");
        return {
            confirmed: readStored(sections.get("manifest") ?? "", valueOf(answer, "confirmed") ?? ""),
            replaced: replaced.sort((a, b) => a.number - b.number),
            firstAt: first === undefined ? undefined : timeOf(first),
        };
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}

const NAME = /^(\d{6})-(\d{8}T\d{6}Z)-([0-9a-f]{16})\.(nft|rules)$/;

/** A backup by the name of its file, as host/keepBackup.sh makes it. */
export function readBackup(name: string, stored = ""): Backup {
    const [, number, time, applyId, ending] = NAME.exec(name) ?? [];
    if (number === undefined || time === undefined || applyId === undefined)
        throw new LostAnswer(`a backup is not named as the script does it: "${name.slice(0, 100)}"`);
    return {
        number: Number(number),
        replacedAt: timeOf(time),
        applyId,
        backend: ending === "rules" ? "iptables" : "nftables",
        kept: readStored(stored, applyId),
    };
}

function timeOf(text: string): string {
    const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
    return year === undefined ? "unknown" : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
