import { dialects } from "../core/dialects/dialects";
import { digestOf } from "../core/dialects/digest";
import { type Diagnostic, diagnostic, fail, FirewallError } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { notKnownYet, policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import type { Plan, Probe } from "../targets/ssh";
import { tellBoot } from "./bootState";
import { policyFor } from "./containers";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { checkLockout } from "./lockoutCheck";
import type { MachineClaims } from "./machineClaims";
import { type Manifest, readManifest, writeManifest } from "./manifest";
import { isOn } from "./otherFirewalls";
import { checkMemory } from "./memoryCheck";
import { checkOwner, hashOwner } from "./ownership";
import { differenceOf, readable } from "./readableListing";
import { changeNotes } from "./takeControl";
import { type FormerRuleset, planDelta } from "./planDelta";
import { proofOfRendered } from "./translation";

/** The resource that applies, and what it wants. */
export interface Wish {
    readonly resource: string;
    readonly inputs: HostInputs;
    readonly policy: Policy;
    /** What the state says; undefined at a create. */
    readonly known: HostOutputs | undefined;
    readonly claims: MachineClaims;
    /** The address by which the program reaches the host, where this operation goes by another. */
    readonly reachedAs?: string | undefined;
    /** Tells the user what is no error. */
    readonly tell: (diagnostic: Diagnostic | undefined) => void;
}

export function wishOf(wanted: Omit<Wish, "policy">): Wish {
    const policy = policyOf(wanted.inputs);
    const open = notKnownYet(policy);
    if (open !== undefined) fail("VF029", { where: open }, open);
    return { ...wanted, policy };
}

/** Decides from what the host runs what to apply; throws to refuse before anything changes. */
export function planApply(wish: Wish, probe: Probe, applyId: string): Plan | "unchanged" {
    checkOwner(wish, probe);
    checkLockout(wish, probe);
    const { host } = wish.inputs.target;
    tellBoot(host, probe, wish.tell);
    const { variant } = probe.filter;
    if (probe.mixedVariants && variant) wish.tell(diagnostic("VF182", { host, variant }));
    const policy = policyFor(wish, probe);
    if (runsAlready(wish, policy, probe)) return "unchanged";
    checkMemory(host, policy, probe);
    for (const note of changeNotes(wish.inputs, policy, probe)) wish.tell(note);
    const { inputs, resource } = wish;
    const { rules, sets, __sets, templates, order, defaults, enabled } = inputs;
    const stored: StoredPolicy = {
        rules,
        defaults,
        ...(policy.forward && { forward: policy.forward }),
        ...(sets && { sets }),
        ...(__sets && { __sets }),
        ...(templates !== undefined && { templates }),
        ...(order !== undefined && { order }),
        ...(enabled !== undefined && { enabled }),
    };
    const manifest: Manifest = {
        rulesFormat: 1,
        owner: inputs.owner,
        resource,
        host: wish.reachedAs ?? inputs.target.host,
        policy: stored,
    };
    proveRendered(wish, policy, probe);
    const { backend, ipset } = probe.filter;
    const text = dialects[backend].render(policy, { owner: hashOwner(inputs.owner), resource, applyId }, { ipset });
    const former = formerRuleset(probe);
    const back = former && readable(inputs.target.host, () => withForeign(former, probe));
    // Switching others off loads the ruleset once more.
    const delta = former && back === undefined && !inputs.takeover ? planDelta(former, text, probe) : undefined;
    return { forward: text, boot: text, manifest: writeManifest(manifest), back, ...(delta && { delta }) };
}

/**
 * The preview has proved it for nftables, or for the backend that was asked for, with all programs installed; what the host has,
 * only the host knows.
 */
function proveRendered({ inputs }: Wish, policy: Policy, { filter: { backend, ipset } }: Probe): void {
    const writtenAsProved = backend === "nftables" || ipset;
    if (backend === (inputs.backend ?? "nftables") && writtenAsProved && !policy.forward) return;
    const { problem } = proofOfRendered(policy, backend, { ipset });
    if (problem) throw new FirewallError(problem);
}

/** What the host has confirmed and runs, if it is ours, as it was rendered. */
function formerRuleset({ filter, mark, confirmed }: Probe): FormerRuleset | undefined {
    const manifest = readManifest(confirmed?.manifest);
    if (!mark || !manifest || confirmed?.applyId !== mark.applyId) return undefined;
    const policy = policyOf(manifest.policy);
    return { policy, text: dialects[filter.backend].render(policy, mark, { ipset: filter.ipset }) };
}

/** What the host goes back to, where others wrote rules of their own into our table: these come back with it. */
function withForeign({ text }: FormerRuleset, { filter, listing, listingText }: Probe): string | undefined {
    return dialects[filter.backend].keepForeign(text, listing, listingText);
}

function runsAlready({ inputs, resource }: Wish, policy: Policy, probe: Probe): boolean {
    const { filter, mark, listing, confirmed, boot } = probe;
    return (
        !(inputs.takeover && probe.firewalls.some(isOn)) &&
        mark !== undefined &&
        mark.owner === hashOwner(inputs.owner) &&
        mark.resource === resource &&
        mark.digest === digestOf(policy) &&
        confirmed?.applyId === mark.applyId &&
        differenceOf(dialects[filter.backend], listing, policy) === undefined &&
        boot !== "disabled"
    );
}
