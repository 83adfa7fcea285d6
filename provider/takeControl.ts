import { type Listening, mayReach } from "../core/analysis/mayReach";
import { type Diagnostic, diagnostic } from "../core/model/diagnostics";
import { NOT_KNOWN_YET } from "../core/model/formatRule";
import { type Policy } from "../core/model/policy";
import { policyOf } from "../core/model/storedPolicy";
import { isLoopback, isWildcard, type Listener, type Probe } from "../targets/ssh";
import { containerNotes } from "./containers";
import type { HostInputs } from "./hostInputs";
import { listed } from "./listed";
import { hostRange } from "./lockoutCheck";
import { readManifest } from "./manifest";
import { firewallWords, othersNotes } from "./otherFirewalls";
import { isUnknown } from "./unknowns";

/** What a preview says besides the diff. `before`: what the state says; undefined for a create. */
export function previewNotes(inputs: HostInputs, before: object | undefined): Diagnostic[] {
    const host = isUnknown(inputs.target.host) ? `a host whose address is ${NOT_KNOWN_YET}` : inputs.target.host;
    if (inputs.enabled === "off") return [...offNotes(inputs, before, host), ...lockoutNotes(inputs, host)];
    const { ingress, egress } = inputs.defaults;
    const closing = [ingress === "drop" ? "comes in" : "", egress === "drop" ? "goes out" : ""].filter(Boolean);
    const meaning = closing.length
        ? `whatever ${closing.join(" or ")} and no rule accepts is closed`
        : "only what a rule drops or rejects is closed";
    return [
        ...(before === undefined ? [diagnostic("VF118", { host, meaning })] : []),
        ...(inputs.enabled === "on" && Object.keys(inputs.rules).length === 0 ? [diagnostic("VF311", { host })] : []),
        ...lockoutNotes(inputs, host),
    ];
}

function lockoutNotes({ lockoutCheck }: HostInputs, host: string): Diagnostic[] {
    return lockoutCheck === "off" ? [diagnostic("VF106", { host })] : [];
}

/** Switched off: the rules wait, and what they kept out comes in from now on. */
function offNotes({ rules }: HostInputs, before: object | undefined, host: string): Diagnostic[] {
    const wasOn = before !== undefined && "enabled" in before && before.enabled === "on";
    const waiting = Object.keys(rules).length;
    return wasOn ? [diagnostic("VF312", { host, waiting })] : [diagnostic("VF310", { host, waiting })];
}

/** Who else filters on a host that is taken over, and what listens there that nobody can reach any more. */
export function changeNotes(inputs: HostInputs, policy: Policy, probe: Probe): Diagnostic[] {
    const { host } = inputs.target;
    const others = otherFilters(probe);
    const before = policyBefore(probe);
    const closing = closingListeners(policy, before, probe.listeners);
    return [
        ...(probe.table === "absent" && others.length > 0
            ? [diagnostic("VF117", { host, others: listed(others) })]
            : []),
        ...othersNotes(inputs, policy, probe),
        ...containerNotes(inputs, policy, before === "open" ? undefined : before, probe.published),
        ...(closing.length > 0 ? [diagnostic("VF120", { host, listeners: listed(closing) })] : []),
    ];
}

/** Managers by name, and the tables of others, which are theirs or somebody's. */
function otherFilters({ managers, firewalls, otherTables }: Probe): string[] {
    const named = firewallWords(firewalls);
    const others = managers.filter((name) => !named.some((words) => words.startsWith(`${name} `)));
    return [...new Set([...named, ...others, ...otherTables.map((table) => `table ${table}`)])];
}

/** `tcp 5432 (postgres)`: could be reached before and can't be now. */
function closingListeners(
    policy: Policy,
    before: Policy | "open" | undefined,
    listeners: readonly Listener[],
): string[] {
    const closed = listeners.flatMap((listener) => {
        const listening = listeningOf(listener);
        return listening && !mayReach(policy, listening) ? [{ listener, listening }] : [];
    });
    const words = closed
        .filter(({ listening }) => before === "open" || (before && mayReach(before, listening)))
        .map(({ listener: { protocol, port, process } }) => `${protocol} ${port}${process ? ` (${process})` : ""}`);
    return [...new Set(words)];
}

/** What the host enforces now; undefined where it is not known. */
function policyBefore({ table, mark, confirmed }: Probe): Policy | "open" | undefined {
    if (table === "absent") return "open";
    const manifest = readManifest(confirmed?.manifest);
    return manifest && mark?.applyId === confirmed?.applyId ? policyOf(manifest.policy) : undefined;
}

/** Undefined for what nobody outside reaches anyway, and for DHCP clients, which are in the base. */
function listeningOf({ protocol, address, port }: Listener): Listening | undefined {
    if (isLoopback(address) || (protocol === "udp" && (port === 68 || port === 546))) return undefined;
    if (address === "*" || address === "::") return { protocol, port, families: [4, 6] };
    if (isWildcard(address)) return { protocol, port, families: [4] };
    const own = hostRange(address);
    return own && { protocol, port, own, families: [own.family] };
}
