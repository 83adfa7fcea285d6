import type { Packet } from "../core/analysis/decide";
import { dialects } from "../core/dialects/dialects";
import { boundsOf as boundsOfIptables } from "../core/dialects/iptables";
import { boundsOf as boundsOfNftables } from "../core/dialects/nftables";
import { listTable } from "../targets/ssh";
import { reach, targetOf } from "./place";
import type { Asked } from "./sources";

/** What a host enforces, as its packet filter lists it. Nothing is changed there. */
export async function liveRules(place: string): Promise<Asked> {
    const target = targetOf(place);
    const live = await listTable(reach(target));
    const { effective, sets, defaults, understood } = dialects[live?.backend ?? "nftables"].read(live?.listing ?? "");
    const templates = [...new Set(effective.map(({ key }) => /^([^/ ]+)\//.exec(key)?.[1] ?? ""))].filter(Boolean);
    const asked = { name: target.host, policy: { rules: effective, sets, defaults }, templates };
    if (live === undefined) {
        return { ...asked, bound: "there is no ruleset of this library, and what others filter there was not read" };
    }
    if (understood) return asked;
    const boundsOf = live.backend === "nftables" ? boundsOfNftables : boundsOfIptables;
    return {
        ...asked,
        bound: "something in effect there could not be read in full; this is what the rest says",
        boundsOf: (packet: Packet) => boundsOf(live.listing, packet),
    };
}
