import { type AddressRange, formatAddress, mergeRanges } from "../model/addresses";
import { formatAddresses } from "../model/formatRule";
import type { KeyedRule, Policy } from "../model/policy";
import type { Addresses, Peer } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import { type AddressSpace, difference, everybody, intersection } from "./addressAlgebra";

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
 * An accept counts only if it surely matches: known addresses, any source port.
 */
export function proveReachable(policy: Policy, { sources, port, destination }: ManagementPath): Lockout | undefined {
    let open: AddressSpace = mergeRanges(sources);
    for (const keyed of policy.rules) {
        const { rule } = keyed;
        if (
            rule.direction !== "ingress" ||
            !rule.matches.some(({ protocol }) => protocol === "any" || protocol === "tcp")
        )
            continue;
        const ports = portMatch(rule.to, port);
        const to = destinationMatch(rule.to.addresses, destination, policy);
        if (ports === "no" || to === "no") continue;
        const from = spaceOf(rule.from.addresses, policy);
        if (rule.action === "accept") {
            const surely = ports === "yes" && to === "yes" && rule.from.ports === undefined;
            if (surely) open = difference(open, from.space);
            continue;
        }
        const hit = from.unknown ? open : intersection(open, from.space);
        const first = hit[0];
        if (first) return { source: sourceText(first), decision: decisionText(keyed, from.unknown) };
    }
    const first = open[0];
    if (!first || policy.defaults.ingress === "accept") return undefined;
    return { source: sourceText(first), decision: "dropped by the default action" };
}

type Certainty = "yes" | "no" | "perhaps";

function portMatch({ ports }: Peer, port: number): Certainty {
    if (!ports || ports.ranges.some(({ first, last }) => first <= port && port <= last)) return "yes";
    return ports.unknown ? "perhaps" : "no";
}

function destinationMatch(addresses: Addresses, destination: AddressRange | undefined, policy: Policy): Certainty {
    if (addresses.kind === "anywhere" && addresses.family === undefined) return "yes";
    if (!destination) return "perhaps";
    const { space, unknown } = spaceOf(addresses, policy);
    if (difference([destination], space).length === 0) return "yes";
    return unknown ? "perhaps" : "no";
}

function spaceOf(addresses: Addresses, { sets }: Policy): { space: AddressSpace; unknown: boolean } {
    if (addresses.kind === "anywhere")
        return { space: everybody(addresses.family ? [addresses.family] : [4, 6]), unknown: false };
    const { ranges, unknown } = addressesOf(addresses, sets);
    return { space: mergeRanges(ranges), unknown };
}

function sourceText({ family, first }: AddressRange): string {
    return formatAddress(family, first);
}

function decisionText({ key, rule }: KeyedRule, unknown: boolean): string {
    const verb = rule.action === "reject" ? "rejected" : "dropped";
    if (unknown)
        return `perhaps ${verb} by ${key}, whose addresses (${formatAddresses(rule.from.addresses)}) are not all known`;
    return `${verb} by ${key}`;
}
