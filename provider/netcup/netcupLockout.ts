import { mayBeReached, proveReachable } from "../../core/analysis/lockout";
import { type Diagnostic, diagnostic, quote } from "../../core/model/diagnostics";
import { parseAddressRange } from "../../core/model/parseAddress";
import type { Policy } from "../../core/model/policy";
import type { NetcupInputs } from "./netcupInputs";

/** Where SSH listens, if nothing is said. */
const SSH = 22;

/**
 * What is wrong with a policy for those who manage the server, or undefined: VF300 where nobody at all could log in, VF301 for a
 * source that was named. The policy is wholly known.
 */
export function lockoutOf(
    inputs: Pick<NetcupInputs, "target" | "managementSources" | "managementPort">,
    policy: Policy,
): Diagnostic | undefined {
    const { target, managementSources = [], managementPort: port = SSH } = inputs;
    const { server } = target;
    if (!mayBeReached(policy, port)) return diagnostic("VF300", { server, port }, "templates");
    for (const text of managementSources) {
        const parsed = parseAddressRange(text);
        const refused = "range" in parsed ? proveReachable(policy, { peers: [parsed.range], port }) : undefined;
        if (!refused) continue;
        const { peer, decision } = refused;
        return diagnostic("VF301", { server, source: quote(peer), port, decision }, "templates");
    }
    return undefined;
}
