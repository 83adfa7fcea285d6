import { createHash } from "node:crypto";
import { diagnostic, fail, quote } from "../core/model/diagnostics";
import type { Probe } from "../targets/ssh";
import type { Wish } from "./applyHost";
import { type Manifest, readManifest } from "./manifest";

/** 16 hex digits that stand for a stack on the host. */
export function hashOwner(owner: string): string {
    return createHash("sha256").update(owner).digest("hex").slice(0, 16);
}

/** Whose ruleset the host runs, by name where it is known: a hash stands for a stack that left no name. */
export function ownerName(hash: string, manifest: Manifest | undefined): string {
    return manifest !== undefined && hashOwner(manifest.owner) === hash ? manifest.owner : hash;
}

/**
 * One host, one stack, one resource: refuses the second resource of a deployment on one machine, and the host of another
 * stack unless the program adopts it. Says what it takes over.
 */
export function checkOwner(wish: Wish, probe: Probe): void {
    // First: of two resources on one machine the second does not take over from the first.
    wish.claims.apply(wish.resource, wish.inputs.target.host, probe.machineId);
    // The mark may have been destroyed, or the whole table flushed; what was confirmed still says whose host it is.
    const manifest = readManifest(probe.confirmed?.manifest);
    const hash = probe.mark?.owner ?? (manifest && hashOwner(manifest.owner));
    if (hash === undefined) return;
    const other = probe.mark?.resource ?? manifest?.resource;
    if (hash !== hashOwner(wish.inputs.owner)) adoptHost(wish, ownerName(hash, manifest));
    else if (other !== wish.resource) takeOver(wish, probe, manifest);
}

function adoptHost({ inputs, known, tell }: Wish, owner: string): void {
    const { host } = inputs.target;
    // Once: where the state says that it was adopted already, somebody has taken it back since, and no preview has
    // shown that we take it again. A refresh makes the state say whose it is.
    const spent = known?.owner === inputs.owner && known.adopt === inputs.adopt;
    if (inputs.adopt !== owner || spent) {
        const again = inputs.adopt === owner ? " again (run `pulumi up --refresh`)" : "";
        fail("VF104", { host, owner: quote(owner), adopt: quote(owner), again });
    }
    tell(diagnostic("VF127", { host, owner: quote(owner) }));
}

function takeOver({ inputs, claims, tell }: Wish, { machineId }: Probe, manifest: Manifest | undefined): void {
    const { host } = inputs.target;
    const first = manifest?.host;
    // Renamed is one thing; a second resource for the same machine, under another of its addresses, is another.
    if (first !== undefined && first !== host && claims.isClaimed(first))
        fail("VF105", { first, second: host, machine: machineId });
    tell(diagnostic("VF107", { host }));
}
