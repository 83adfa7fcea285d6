import { nftables, UnreadableListing } from "../core/dialects/nftables";
import { fail } from "../core/model/diagnostics";
import type { Policy } from "../core/model/policy";

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
export function differenceOf(listing: string, policy: Policy): string | undefined {
    try {
        return nftables.difference(listing, policy);
    } catch (error) {
        if (!(error instanceof UnreadableListing)) throw error;
        return `the listing of the table can't be read: ${error.message}`;
    }
}
