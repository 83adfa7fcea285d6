import type { Backend } from "../../core/dialects/dialect";
import { timingOf } from "./probeHost";
import type { ProtocolOptions } from "./protocol";
import { LostAnswer, valueOf } from "./protocolAnswer";
import { explain, runStep } from "./protocolStep";

export interface LiveListing {
    readonly backend: Backend;
    readonly listing: string;
}

/**
 * What our ruleset on a host is, as its packet filter lists it (`Probe.listing`); undefined where there is none. Unlike a probe it ends nothing
 * that is due there, waits for nothing and writes nothing.
 *
 * @throws FirewallError VF160 to VF162, VF170, VF171, VF174 to VF176; what `connect` throws
 */
export async function listTable(options: ProtocolOptions): Promise<LiveListing | undefined> {
    const timing = timingOf(options);
    const session = await options.connect(new AbortController().signal);
    try {
        const answer = await runStep(session, { name: "list", filter: {}, timing }, 3 * timing.load);
        const backend = valueOf(answer, "filter") === "iptables" ? "iptables" : "nftables";
        if (valueOf(answer, "live") === "absent") return undefined;
        const listing = answer.sections.get("listing")?.trim();
        // Nothing listed is not an empty table: a table of ours lists its chains.
        if (!listing) throw new LostAnswer("it lists nothing of a table that it has");
        return { backend, listing };
    } catch (error) {
        throw explain(error, options.host);
    } finally {
        session.close();
    }
}
