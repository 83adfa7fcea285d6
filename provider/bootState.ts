import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import type { Probe } from "../targets/ssh";

/** What every program wants of the next boot, and what the state says where the host does it. */
export const AT_BOOT = "loaded";
const NOT_AT_BOOT = "not loaded";

/**
 * What the host does at its next boot. A host that has no way to load anything there is no drift: no change would
 * mend it, and every apply says so.
 */
export function bootOf({ boot, confirmed }: Probe): string {
    if (boot === "none") return AT_BOOT;
    return boot === "enabled" && confirmed !== undefined ? AT_BOOT : NOT_AT_BOOT;
}

/** What a user should know of how the host boots. */
export function tellBoot(host: string, probe: Probe, tell: (diagnostic: Diagnostic) => void): void {
    if (probe.bootFailure !== undefined) tell(diagnostic("VF113", { host, detail: probe.bootFailure }));
    if (probe.boot === "none") tell(diagnostic("VF114", { host }));
    // Once, when it is set up.
    if (probe.boot === "disabled" && probe.bootWay === "rc-local") tell(diagnostic("VF116", { host }));
}
