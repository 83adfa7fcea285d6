import type { Place, Session, Target } from "../targets/ssh";
import type { HostOutputs } from "./hostInputs";

/** The keys that were accepted at a first contact (`hostKeyChecking: "accept-new"`), as the state keeps them. */
export type Pins = Pick<HostOutputs, "pinnedHostKey" | "pinnedProxyKeys">;

/** The keys pinned so far. That of the host counts only at the address at which it was seen, and where no key was passed. */
export function pinnedFor(known: HostOutputs | undefined, target: Target): Pins {
    const { pinnedHostKey, pinnedProxyKeys } = known ?? {};
    const counts = pinnedHostKey !== undefined && target.hostKey === undefined && known?.target.host === target.host;
    return { ...(counts && { pinnedHostKey }), ...(pinnedProxyKeys && { pinnedProxyKeys }) };
}

export function withAccepted(pins: Pins, { hostKey, hostKeyTrust, acceptedProxyKeys }: Session): Pins {
    const ofJumps = { ...pins.pinnedProxyKeys, ...acceptedProxyKeys };
    return {
        ...pins,
        ...(hostKeyTrust === "accepted-new" && { pinnedHostKey: hostKey }),
        ...(Object.keys(ofJumps).length > 0 && { pinnedProxyKeys: ofJumps }),
    };
}

/** One host in this process: the same private address behind two jump hosts is two. */
export function placeOf({ host, port, proxy }: Place & Pick<Target, "proxy">): string {
    return `${host}:${port ?? ""}${proxy ? ` behind ${placeOf(proxy)}` : ""}`;
}
