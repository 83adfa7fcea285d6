import { type Backup, readBackup } from "./listBackups";
import { timingOf } from "./probeHost";
import type { ProtocolOptions } from "./protocol";
import { valueOf } from "./protocolAnswer";
import { explain, runStep } from "./protocolStep";

/** One backup, whole. */
export interface ShownBackup extends Backup {
    /** The ruleset, as it was loaded. */
    readonly text: string;
}

/**
 * Reads one backup of a host; changes nothing there.
 *
 * @throws FirewallError VF183; as listBackups
 */
export async function showBackup(options: ProtocolOptions, number: number): Promise<ShownBackup> {
    const { name, text, manifest } = await ask(options, number);
    try {
        return { ...readBackup(name, manifest), text };
    } catch (error) {
        throw explain(error, options.host);
    }
}

/** What a host filtered before the first apply, as its programs listed it. */
export async function showFirst(options: ProtocolOptions): Promise<string> {
    return (await ask(options, "first")).text;
}

async function ask(options: ProtocolOptions, backup: number | "first") {
    const timing = timingOf(options);
    const session = await options.connect(new AbortController().signal);
    try {
        const step = { name: "backup", filter: {}, timing, variables: { backup } } as const;
        const answer = await runStep(session, step, timing.load);
        return {
            name: valueOf(answer, "backup") ?? "",
            text: answer.sections.get("text") ?? "",
            manifest: answer.sections.get("manifest") ?? "",
        };
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}
