import { type AddressRange, formatAddress, mergeRanges } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Addresses, Peer, Rule } from "../model/rule";
import { type AddressSpace, difference, intersection, meets } from "./addressAlgebra";
import { endOf } from "./end";

/** A way to log in: new TCP connections from `sources` to `port` of `destination` (any address of the server if absent). */
export interface ManagementPath {
    readonly sources: readonly AddressRange[];
    readonly port: number;
    readonly destination?: AddressRange;
}

/** A source that can't get in, and what decides so. */
export interface Lockout {
    readonly source: string;
    /** `dropped by web/scanners`, `dropped by the default action`, ... */
    readonly decision: string;
}

/**
 * Proves that every source of the path is accepted, or names one that may not be. Replies are in the base of every dialect.
 * An accept counts only if it surely matches: known addresses, any source port. A drop counts if it may match.
 */
export function proveReachable(policy: Policy, { sources, port, destination }: ManagementPath): Lockout | undefined {
    let open: AddressSpace = mergeRanges(sources);
    const [unknownRule] = policy.unknownRules ?? [];
    if (unknownRule !== undefined && open[0])
        return { source: sourceText(open[0]), decision: `perhaps dropped by ${unknownRule}, which is not known yet` };
    for (const { key, rule } of policy.rules) {
        const certainty = pathMatch(rule, port, destination, policy);
        if (certainty === "no") continue;
        const from = endOf(rule.from.addresses, policy.sets);
        if (rule.action === "accept") {
            if (certainty === "yes") open = difference(open, from.space);
            continue;
        }
        const verb = rule.action === "reject" ? "rejected" : "dropped";
        const [hit] = intersection(open, from.space);
        if (hit)
            return { source: sourceText(hit), decision: `${certainty === "yes" ? "" : "perhaps "}${verb} by ${key}` };
        if (from.unknown && open[0])
            return {
                source: sourceText(open[0]),
                decision: `perhaps ${verb} by ${key}, whose addresses are not all known yet`,
            };
    }
    const [left] = open;
    if (!left || policy.defaults.ingress === "accept") return undefined;
    return { source: sourceText(left), decision: "dropped by the default action" };
}

type Certainty = "yes" | "no" | "perhaps";

/** Does the rule apply to the path, whatever its sources say? */
function pathMatch(rule: Rule, port: number, destination: AddressRange | undefined, policy: Policy): Certainty {
    const tcp = rule.matches.some(({ protocol }) => protocol === "any" || protocol === "tcp");
    if (rule.direction !== "ingress" || !tcp) return "no";
    const parts = [portMatch(rule.to, port), destinationMatch(rule.to.addresses, destination, policy)];
    if (parts.includes("no")) return "no";
    return parts.includes("perhaps") || rule.from.ports ? "perhaps" : "yes";
}

function portMatch({ ports }: Peer, port: number): Certainty {
    if (!ports || ports.ranges.some(({ first, last }) => first <= port && port <= last)) return "yes";
    return ports.unknown ? "perhaps" : "no";
}

function destinationMatch(addresses: Addresses, destination: AddressRange | undefined, policy: Policy): Certainty {
    if (addresses.kind === "anywhere" && addresses.family === undefined) return "yes";
    if (!destination) return "perhaps";
    const { space, unknown } = endOf(addresses, policy.sets);
    if (difference([destination], space).length === 0) return "yes";
    return unknown || meets([destination], space) ? "perhaps" : "no";
}

function sourceText({ family, first }: AddressRange): string {
    return formatAddress(family, first);
}
