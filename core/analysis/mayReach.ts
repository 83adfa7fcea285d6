import type { AddressRange, Family } from "../model/addresses";
import type { Policy } from "../model/policy";
import { everybody } from "./addressAlgebra";
import { butNot, meet } from "./operations";
import { amongRules } from "./path";

/** A socket that listens. */
export interface Listening {
    readonly protocol: "tcp" | "udp";
    readonly port: number;
    /** The one address it listens on; absent: on all of `families`. */
    readonly own?: AddressRange;
    readonly families: readonly Family[];
}

/** Could any new packet from outside get there? False only where surely none does; what is not known counts as open. */
export function mayReach(policy: Policy, { protocol, port, own, families }: Listening): boolean {
    if (policy.unknownRules?.length) return true;
    const far = everybody(families);
    const path = { direction: "ingress", protocol, port, far, ...(own && { own }) } as const;
    const { diagrams, packets, rules } = amongRules(policy, path);
    let left = packets;
    for (const { rule, sure, may } of rules)
        if (rule.action !== "accept") left = diagrams.combine(butNot, left, sure);
        else if (diagrams.some(meet, left, may)) return true;
    return policy.defaults.ingress === "accept" && left !== 0;
}
