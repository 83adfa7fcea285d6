import type { AddressRange, Family } from "../model/addresses";
import type { Policy } from "../model/policy";
import { type AddressSpace, difference, everybody, intersection } from "./addressAlgebra";
import { endOf } from "./end";

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
    let left: AddressSpace = everybody(families);
    for (const { rule } of policy.rules) {
        const { direction, action, matches, from, to } = rule;
        if (direction !== "ingress" || left.length === 0) continue;
        if (!matches.some((match) => match.protocol === "any" || match.protocol === protocol)) continue;
        const toPort = !to.ports || to.ports.ranges.some(({ first, last }) => first <= port && port <= last);
        const here = endOf(to.addresses, policy.sets);
        const place = own ? [own] : left;
        const far = endOf(from.addresses, policy.sets);
        if (action === "accept") {
            const portFits = toPort || to.ports?.unknown;
            const placeFits = here.unknown || intersection(here.space, place).length > 0;
            const farFits = far.unknown || intersection(far.space, left).length > 0;
            if (portFits && placeFits && farFits) return true;
        } else if (toPort && !from.ports && difference(place, here.space).length === 0)
            left = difference(left, far.space);
    }
    return policy.defaults.ingress === "accept" && left.length > 0;
}
