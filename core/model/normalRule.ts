import { type AddressRange, mergeRanges, wholeFamily } from "./addresses";
import { icmpMessage, icmpMessageName, type IcmpProtocol } from "./icmpTypes";
import { mergePorts } from "./ports";
import type { Addresses, AddressList, PortList, Protocol, ProtocolMatch } from "./rule";

/** Merged and sorted; a list that holds every address (of a family) and nothing else is said as "anywhere". */
export function normalAddresses(list: AddressList, exceptions?: AddressList): Addresses {
    const said = normalList(list);
    const { ranges, sets, unknown } = said;
    const left = exceptions && normalList(exceptions);
    const except = left && (left.ranges.length > 0 || left.sets.length > 0 || left.unknown) ? { except: left } : {};
    if (ranges.length === 2 && ranges.every(isWholeFamily)) return { kind: "anywhere", ...except };
    const [only] = ranges;
    if (only && ranges.length === 1 && isWholeFamily(only) && sets.length === 0 && !unknown)
        return { kind: "anywhere", family: only.family, ...except };
    return { kind: "list", ...said, ...except };
}

function normalList({ ranges, sets, unknown }: AddressList): AddressList {
    const byName = new Map(sets.map((set) => [set.name, set]));
    const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { ranges: mergeRanges(ranges), sets: sorted, unknown };
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
        return {
            protocol,
            types: normalTypes(
                protocol,
                same.flatMap(({ types = [] }) => types),
            ),
        };
    });
}

/** Types and codes in numeric order, each once; a type without a code takes in all of its codes. */
function normalTypes(protocol: IcmpProtocol, types: readonly string[]): string[] {
    const messages = types.map((type) => icmpMessage(protocol, type) ?? { type: -1 });
    const whole = new Set(messages.filter(({ code }) => code === undefined).map(({ type }) => type));
    const needed = messages.filter(({ type, code }) => code === undefined || !whole.has(type));
    const inOrder = needed.sort((a, b) => a.type - b.type || (a.code ?? -1) - (b.code ?? -1));
    return [...new Set(inOrder.map((message) => icmpMessageName(protocol, message)))];
}

/** Words of a list in the order of `all`, each once. */
export function inOrderOf<Word extends string>(all: readonly Word[], words: readonly Word[]): Word[] {
    return all.filter((word) => words.includes(word));
}

function rank(protocol: Protocol): number {
    return typeof protocol === "number" ? 10 + protocol : ["any", "tcp", "udp", "icmp", "icmpv6"].indexOf(protocol);
}
