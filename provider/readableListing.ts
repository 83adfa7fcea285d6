import type { Backend, Dialect } from "../core/dialects/dialect";
import { dialects } from "../core/dialects/dialects";
import { UnreadableListing } from "../core/dialects/unreadable";
import { fail } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";
import { policyOf } from "../core/model/storedPolicy";
import { readManifest } from "./manifest";

/** What `read` makes of a host's listing. A listing that is none is the host's fault (VF173), not a failure of ours. */
export function readable<T>(host: string, read: () => T): T {
    try {
        return read();
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        return fail("VF173", { host, detail: error.message });
    }
}

/** The first thing in which a listing is not this policy; one that can't be read is none. */
export function differenceOf(dialect: Dialect, listing: string, policy: Policy): string | undefined {
    try {
        return dialect.difference(listing, policy);
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        return `the listing can't be read: ${error.message}`;
    }
}

/** A listing without the elements of large sets, with those that the manifest of its apply says, if the host holds these. */
export function completed(listing: string, backend: Backend, manifest: unknown): string | undefined {
    const dialect = dialects[backend];
    if (!dialect.complete) return listing;
    const known = readManifest(manifest);
    return dialect.complete(listing, known ? policyOf(known.policy) : NOTHING);
}

const NOTHING: Policy = { rules: [], sets: [], defaults: { ingress: "accept", egress: "accept" } };
