import { exposureBetween } from "../../core/analysis/exposure";
import { openDiagrams } from "../../core/analysis/diagram";
import { openInterfaces } from "../../core/analysis/interfaces";
import { lastOf } from "../../core/analysis/packetFields";
import { VERDICT } from "../../core/analysis/verdicts";
import { interpret } from "../../core/dialects/netcup/interpret/interpret";
import { render } from "../../core/dialects/netcup/render";
import type { FirewallRule, PanelReading } from "../../core/dialects/netcup/rule";
import { policyOf, type StoredPolicy } from "../../core/model/storedPolicy";
import type { LiveState } from "../hostState";

/** Do two lists say the same, one by one? Address lists are sets; what is null, missing or empty is any. */
export function sameRules(a: readonly FirewallRule[], b: readonly FirewallRule[]): boolean {
    return a.length === b.length && a.every((rule, i) => wordsOf(rule) === wordsOf(b[i]!));
}

/** A rule of netcup's in one line, without its description. */
export function wordsOf({ direction, protocol, action, ...rule }: FirewallRule): string {
    const list = (addresses: readonly string[] | null | undefined) => [...(addresses ?? [])].sort().join(",");
    const end = (addresses: string, ports: string | null | undefined) =>
        [addresses, ports ?? ""].filter(Boolean).join(" ");
    const from = end(list(rule.sources), rule.sourcePorts && `sp ${rule.sourcePorts}`);
    const to = end(list(rule.destinations), rule.destinationPorts);
    return [direction, protocol, from, to && `> ${to}`, action].filter(Boolean).join(" ");
}

/**
 * What a policy at the panel says, in the form of the state, so that a diff names the rules that differ: those of which any rule of
 * netcup's is gone or stands elsewhere are missing, and what nobody here wrote is `(unmanaged)`.
 */
export function heldState(known: StoredPolicy, held: readonly FirewallRule[]): Pick<LiveState, "rules" | "exposure"> {
    const { lines } = render(policyOf(known));
    const left = held.map(wordsOf);
    const missing = new Set<string>();
    for (const { key, rule } of lines) {
        const place = left.indexOf(wordsOf(rule));
        if (place >= 0) left.splice(place, 1);
        else missing.add(key ?? "default");
    }
    const kept = Object.entries(known.rules).filter(([key]) => !missing.has(key));
    const foreign = left.map((words, i) => [`(unmanaged) ${i + 1}`, words] as const);
    const isOrder = missing.size === 0 && foreign.length === 0;
    const moved = isOrder ? [["(unmanaged) order", "the rules stand in another order"] as const] : [];
    return { rules: Object.fromEntries([...kept, ...foreign, ...moved]), exposure: heldExposure(held) };
}

/** Nobody published it: a drop alone flips the default, and only what the server opened is tracked. Own policies come alone. */
const READING: PanelReading = { dropsFlip: true, tracksIncoming: false, copiedFirst: true };

function heldExposure(rules: readonly FirewallRule[]) {
    const diagrams = openDiagrams(lastOf);
    const interfaces = openInterfaces([]);
    const policies = [{ name: "held", copied: false, rules }];
    const [ingress, egress] = (["ingress", "egress"] as const).map((direction) => {
        const done = interpret(diagrams, policies, direction, READING);
        const accepted = diagrams.map(done, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
        return exposureBetween(direction, { diagrams, interfaces, accepted });
    });
    return { ...ingress, ...egress };
}
