import { type AddressRange, formatAddress, mergeRanges } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Addresses, Direction, Peer, Protocol, Rule } from "../model/rule";
import { type AddressSpace, difference, intersection, meets } from "./addressAlgebra";
import { endOf } from "./end";

/**
 * New traffic that must pass for somebody to log in: to `port` of this server from each of `peers`, or (egress) from this
 * server to `port` of each of them.
 */
export interface ManagementPath {
    /** Default "ingress". */
    readonly direction?: Direction;
    /** Default "tcp". */
    readonly protocol?: Protocol;
    readonly peers: readonly AddressRange[];
    /** Destination port; absent for a protocol without ports. */
    readonly port?: number;
    /** The server's own address; absent: any of them. */
    readonly own?: AddressRange;
}

/** A peer that can't get through, and what decides so. */
export interface Lockout {
    readonly peer: string;
    /** `dropped by web/scanners`, `dropped by the default action`, ... */
    readonly decision: string;
}

/**
 * Proves that the path is open for each of its peers, or names one for which it may not be. Replies are in the base of
 * every dialect. An accept counts only if it surely matches: known addresses and ports, any source port. A drop counts
 * if it may match.
 */
export function proveReachable(policy: Policy, path: ManagementPath): Lockout | undefined {
    const direction = path.direction ?? "ingress";
    let open: AddressSpace = mergeRanges(path.peers);
    const [unknownRule] = policy.unknownRules ?? [];
    if (unknownRule !== undefined && open[0])
        return { peer: peerText(open[0]), decision: `perhaps dropped by ${unknownRule}, which is not known yet` };
    for (const { key, rule } of policy.rules) {
        const certainty = pathMatch(rule, direction, path, policy);
        if (certainty === "no") continue;
        const far = endOf((direction === "ingress" ? rule.from : rule.to).addresses, policy.sets);
        if (rule.action === "accept") {
            if (certainty === "yes") open = difference(open, far.space);
            continue;
        }
        const verb = rule.action === "reject" ? "rejected" : "dropped";
        const [hit] = intersection(open, far.space);
        if (hit) return { peer: peerText(hit), decision: `${certainty === "yes" ? "" : "perhaps "}${verb} by ${key}` };
        if (far.unknown && open[0])
            return {
                peer: peerText(open[0]),
                decision: `perhaps ${verb} by ${key}, whose addresses are not all known yet`,
            };
    }
    const [left] = open;
    if (!left || policy.defaults[direction] === "accept") return undefined;
    return { peer: peerText(left), decision: "dropped by the default action" };
}

type Certainty = "yes" | "no" | "perhaps";

/** Does the rule apply to the path, whatever it says of the peers? Anything a rule says besides makes it a "perhaps". */
function pathMatch(
    rule: Rule,
    direction: Direction,
    { protocol = "tcp", port, own }: ManagementPath,
    policy: Policy,
): Certainty {
    const covered = rule.matches.some((match) => match.protocol === "any" || match.protocol === protocol);
    if (rule.direction !== direction || !covered) return "no";
    const ownEnd = direction === "ingress" ? rule.to : rule.from;
    const parts = [portMatch(rule.to, port), ownMatch(ownEnd.addresses, own, policy)];
    if (parts.includes("no")) return "no";
    return parts.includes("perhaps") || rule.from.ports ? "perhaps" : "yes";
}

function portMatch({ ports }: Peer, port: number | undefined): Certainty {
    if (!ports || port === undefined) return "yes";
    if (ports.ranges.some(({ first, last }) => first <= port && port <= last)) return "yes";
    return ports.unknown ? "perhaps" : "no";
}

function ownMatch(addresses: Addresses, own: AddressRange | undefined, policy: Policy): Certainty {
    if (addresses.kind === "anywhere" && addresses.family === undefined) return "yes";
    if (!own) return "perhaps";
    const { space, unknown } = endOf(addresses, policy.sets);
    if (difference([own], space).length === 0) return "yes";
    return unknown || meets([own], space) ? "perhaps" : "no";
}

function peerText({ family, first }: AddressRange): string {
    return formatAddress(family, first);
}
