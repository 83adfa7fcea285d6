import { type AddressRange, mergeRanges, wholeFamily } from "./addresses";
import { icmpTypeName, icmpTypeNumber } from "./icmpTypes";
import { mergePorts } from "./ports";
import type { Addresses, AddressList, PortList, Protocol, ProtocolMatch } from "./rule";

/** Merged and sorted; a list that holds every address (of a family) and nothing else is said as "anywhere". */
export function normalAddresses({ ranges, sets, unknown }: AddressList): Addresses {
    const merged = mergeRanges(ranges);
    if (merged.length === 2 && merged.every(isWholeFamily)) return { kind: "anywhere" };
    const [only] = merged;
    if (only && merged.length === 1 && isWholeFamily(only) && sets.length === 0 && !unknown)
        return { kind: "anywhere", family: only.family };
    const byName = new Map(sets.map((set) => [set.name, set]));
    const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { kind: "list", ranges: merged, sets: sorted, unknown };
}

function isWholeFamily(range: AddressRange): boolean {
    return range.first === 0n && range.last === wholeFamily(range.family).last;
}

export function normalPorts({ ranges, unknown }: PortList): PortList {
    return { ranges: mergePorts(ranges), unknown };
}

/** One match for each protocol, in the order tcp, udp, icmp, icmpv6, numbers; `any` takes in all others. */
export function normalMatches(matches: readonly ProtocolMatch[]): ProtocolMatch[] {
    if (matches.some(({ protocol }) => protocol === "any")) return [{ protocol: "any" }];
    const protocols = [...new Set(matches.map(({ protocol }) => protocol))].sort((a, b) => rank(a) - rank(b));
    return protocols.map((protocol) => {
        const same = matches.filter((match) => match.protocol === protocol);
        if ((protocol !== "icmp" && protocol !== "icmpv6") || same.some(({ types }) => !types)) return { protocol };
        const numbers = same.flatMap(({ types = [] }) => types.map((type) => icmpTypeNumber(protocol, type) ?? -1));
        const sorted = [...new Set(numbers)].sort((a, b) => a - b);
        return { protocol, types: sorted.map((number) => icmpTypeName(protocol, number)) };
    });
}

function rank(protocol: Protocol): number {
    return typeof protocol === "number" ? 10 + protocol : ["any", "tcp", "udp", "icmp", "icmpv6"].indexOf(protocol);
}
