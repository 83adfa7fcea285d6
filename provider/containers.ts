import { mayReach } from "../core/analysis/mayReach";
import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { isLoopback, type Probe, type Published } from "../targets/ssh";
import type { HostInputs } from "./hostInputs";
import { listed } from "./listed";
import { hostRange } from "./lockoutCheck";

/**
 * What the host is to enforce: where there is an engine for containers, their published ports too, unless they are to be left
 * alone. Only the host knows whether there is one.
 */
export function policyFor(
    { policy, inputs }: { readonly policy: Policy; readonly inputs: Pick<HostInputs, "containers"> },
    probe: Pick<Probe, "containers">,
): Policy {
    if (inputs.containers === "leave" || !probe.containers) return policy;
    const before = covering.get(policy);
    if (before) return before;
    const after: Policy = { ...policy, forward: "containers" };
    covering.set(policy, after);
    return after;
}

/** The same object each time: what is known of a policy is remembered by it. */
const covering = new WeakMap<Policy, Policy>();

/** How a host treats containers, where that is not what was asked for; `live` is what its ruleset covers. */
export function containersOf(
    inputs: Pick<HostInputs, "containers">,
    probe: Pick<Probe, "containers" | "table">,
    live: "containers" | undefined,
): "filter" | "leave" | undefined {
    if (probe.table === "absent") return inputs.containers;
    if (inputs.containers === "leave") return live ? "filter" : "leave";
    return probe.containers && !live ? "leave" : inputs.containers;
}

/** The published ports that pass by the rules, or that nobody outside reaches any more once they are covered. */
export function containerNotes(
    { target: { host } }: HostInputs,
    policy: Policy,
    before: Policy | undefined,
    published: readonly Published[],
): Diagnostic[] {
    const reached = published.filter(({ own }) => own === undefined || !isLoopback(own));
    if (reached.length === 0) return [];
    const words = (some: readonly Published[]) =>
        listed([...new Set(some.map(({ protocol, port, to }) => `${protocol} ${port} (${to})`))]);
    if (!policy.forward) return [diagnostic("VF197", { host, ports: words(reached) })];
    if (before?.forward) return [];
    const closed = reached.filter((port) => !isReachable(policy, port));
    return closed.length > 0 ? [diagnostic("VF196", { host, ports: words(closed) })] : [];
}

function isReachable(policy: Policy, { family, protocol, port, own }: Published): boolean {
    const range = own === undefined ? undefined : hostRange(own);
    return mayReach(policy, { protocol, port, families: [family], ...(range && { own: range }) });
}
