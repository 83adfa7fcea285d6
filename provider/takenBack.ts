import { isDeepStrictEqual } from "node:util";
import { dialects } from "../core/dialects/dialects";
import { UnreadableListing } from "../core/dialects/unreadable";
import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import type { Probe } from "../targets/ssh";
import { liveState } from "./hostState";

/** VF110 where the host runs just what it ran before; else what has become of it. */
export function takenBack(host: string, reason: string, before: Probe | undefined, after: Probe): Diagnostic {
    const { confirmed, table, failure } = after;
    if (failure !== undefined && failure !== before?.failure) return diagnostic("VF112", { host, detail: failure });
    if (before !== undefined && !runsTheSame(before, after)) return diagnostic("VF123", { host, reason });
    const running = table === "absent" ? "no ruleset of ours" : `generation ${confirmed?.generation ?? 0} again`;
    return diagnostic("VF110", { host, reason, running });
}

/** Compares listings by what they mean: their text has handles and counts, and what was put back may stand elsewhere. */
function runsTheSame(before: Probe, after: Probe): boolean {
    if (before.table !== after.table || before.filter.backend !== after.filter.backend) return false;
    if (after.table === "absent") return true;
    try {
        const [then, now] = [before, after].map(({ listing }) => dialects[before.filter.backend].read(listing));
        return isDeepStrictEqual(liveState(then!, undefined), liveState(now!, undefined));
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        return before.fingerprint === after.fingerprint;
    }
}
