import { decide, type Decision } from "../../core/analysis/decide";
import type { Policy } from "../../core/model/policy";
import { isBridge } from "./devices";
import type { Probe } from "./packet";
import { isTranslated } from "./ways";

/**
 * What must happen to a new packet that is forwarded: one that goes to a container from outside is decided like one that
 * arrives, where it asked for a published port, and dropped where it asked for the container. This is written once more
 * here, as docs/rules.md has it, not taken from what the dialect is proved with.
 */
export function decideForwarded(policy: Policy, probe: Probe): Decision {
    if (!isBridge(probe.forwarded?.leavesBy)) return { verdict: "accept", by: "not to a container" };
    if (isBridge(probe.interface)) return { verdict: "accept", by: "from a container" };
    if (!isTranslated(probe)) return { verdict: "drop", by: "not published" };
    return decide(policy, probe);
}
