import { proveReachable } from "../core/analysis/lockout";
import { nftables } from "../core/dialects/nftables";
import { type AddressRange, wholeFamily } from "../core/model/addresses";
import { type Diagnostic, diagnostic, fail, quote } from "../core/model/diagnostics";
import { parseAddressRange } from "../core/model/parseAddress";
import type { Policy } from "../core/model/policy";
import { notKnownYet, policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import type { ConnectionSeen, Plan, Probe } from "../targets/ssh";
import { tellBoot } from "./bootState";
import type { HostInputs, HostOutputs } from "./hostInputs";
import type { MachineClaims } from "./machineClaims";
import { type Manifest, readManifest } from "./manifest";
import { checkOwner, hashOwner } from "./ownership";

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
    checkLockout(wish, probe.connection);
    tellBoot(wish.inputs.target.host, probe, wish.tell);
    if (runsAlready(wish, probe)) return "unchanged";
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
        back: confirmedWithForeign(probe),
    };
}

/** What the host goes back to, where others wrote rules of their own into our table: these come back with it. */
function confirmedWithForeign({ mark, listing, listingText, confirmed }: Probe): string | undefined {
    const manifest = readManifest(confirmed?.manifest);
    if (!mark || !manifest || confirmed?.applyId !== mark.applyId) return undefined;
    return nftables.keepForeign(nftables.render(policyOf(manifest.policy), mark), listing, listingText);
}

function checkLockout({ inputs, policy, tell }: Wish, seen: ConnectionSeen | undefined): void {
    const { host } = inputs.target;
    if (inputs.lockoutCheck === "off") {
        tell(diagnostic("VF106", { host }));
        return;
    }
    if (!seen) return;
    const destination = hostRange(seen.serverAddress);
    const path = { port: seen.serverPort, ...(destination && { destination }) };
    const source = hostRange(seen.clientAddress);
    const lockout = proveReachable(policy, { ...path, sources: source ? [source] : [wholeFamily(4), wholeFamily(6)] });
    if (lockout) {
        const { decision } = lockout;
        fail("VF101", { host, source: `${lockout.source} (the address you deploy from)`, port: path.port, decision });
    }
    for (const text of inputs.managementSources ?? []) {
        const range = hostRange(text);
        // The address at which other sources reach the host may be another one, of the other family for one.
        const refused = range && proveReachable(policy, { sources: [range], port: path.port });
        if (refused)
            fail("VF103", { host, source: quote(refused.source), port: path.port, decision: refused.decision });
    }
}

/** An address as SSH_CONNECTION writes it: perhaps IPv4 inside IPv6, perhaps with a zone. */
function hostRange(text: string): AddressRange | undefined {
    const parsed = parseAddressRange(text.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, ""));
    return "range" in parsed ? parsed.range : undefined;
}

function runsAlready({ inputs, policy, resource }: Wish, { mark, listing, confirmed, boot }: Probe): boolean {
    return (
        mark !== undefined &&
        mark.owner === hashOwner(inputs.owner) &&
        mark.resource === resource &&
        mark.digest === nftables.digestOf(policy) &&
        confirmed?.applyId === mark.applyId &&
        nftables.difference(listing, policy) === undefined &&
        boot !== "disabled"
    );
}
