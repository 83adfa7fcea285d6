import { nftables } from "../core/dialects/nftables";
import { type Diagnostic, fail } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { notKnownYet, policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import type { Plan, Probe } from "../targets/ssh";
import { tellBoot } from "./bootState";
import type { HostInputs, HostOutputs } from "./hostInputs";
import { checkLockout } from "./lockoutCheck";
import type { MachineClaims } from "./machineClaims";
import { type Manifest, readManifest } from "./manifest";
import { checkOwner, hashOwner } from "./ownership";
import { differenceOf, readable } from "./readableListing";
import { changeNotes } from "./takeControl";

/** The resource that applies, and what it wants. */
export interface Wish {
    readonly resource: string;
    readonly inputs: HostInputs;
    readonly policy: Policy;
    /** What the state says; undefined at a create. */
    readonly known: HostOutputs | undefined;
    readonly claims: MachineClaims;
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
    tellBoot(wish.inputs.target.host, probe, wish.tell);
    if (runsAlready(wish, probe)) return "unchanged";
    for (const note of changeNotes(wish.inputs, wish.policy, probe)) wish.tell(note);
    const { inputs, policy, resource } = wish;
    const { rules, sets, __sets, templates, order, defaults } = inputs;
    const stored: StoredPolicy = {
        rules,
        defaults,
        ...(sets && { sets }),
        ...(__sets && { __sets }),
        ...(templates !== undefined && { templates }),
        ...(order !== undefined && { order }),
    };
    const manifest: Manifest = {
        rulesFormat: 1,
        owner: inputs.owner,
        resource,
        host: inputs.target.host,
        policy: stored,
    };
    const text = nftables.render(policy, { owner: hashOwner(inputs.owner), resource, applyId });
    return {
        forward: text,
        boot: text,
        manifest,
        back: readable(inputs.target.host, () => confirmedWithForeign(probe)),
    };
}

/** What the host goes back to, where others wrote rules of their own into our table: these come back with it. */
function confirmedWithForeign({ mark, listing, listingText, confirmed }: Probe): string | undefined {
    const manifest = readManifest(confirmed?.manifest);
    if (!mark || !manifest || confirmed?.applyId !== mark.applyId) return undefined;
    return nftables.keepForeign(nftables.render(policyOf(manifest.policy), mark), listing, listingText);
}

function runsAlready({ inputs, policy, resource }: Wish, { mark, listing, confirmed, boot }: Probe): boolean {
    return (
        mark !== undefined &&
        mark.owner === hashOwner(inputs.owner) &&
        mark.resource === resource &&
        mark.digest === nftables.digestOf(policy) &&
        confirmed?.applyId === mark.applyId &&
        differenceOf(listing, policy) === undefined &&
        boot !== "disabled"
    );
}
