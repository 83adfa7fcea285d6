import { type AddressSpace, difference, intersection, sameSpace } from "../../analysis/addressAlgebra";
import {
    type AddressRange,
    countPrefixes,
    type Family,
    formatAddress,
    mergeRanges,
    type Prefix,
} from "../../model/addresses";
import { mergePorts, type PortRange } from "../../model/ports";

/** What a row of an allow list can name. `icmp` is that of the family: ICMP or ICMPv6. */
export type RowProtocol = "tcp" | "udp" | "icmp";

/** Destination ports; of ICMP its messages, `type * 256 + code`. */
export type Span = PortRange;

/** New packets of one protocol and family: from (or to) any of these addresses, with any of these ports. Lists are merged. */
export interface Box {
    readonly protocol: RowProtocol;
    readonly family: Family;
    readonly who: AddressSpace;
    readonly what: readonly Span[];
}

export const EVERY: Readonly<Record<RowProtocol, Span>> = {
    tcp: { first: 1, last: 65535 },
    udp: { first: 1, last: 65535 },
    icmp: { first: 0, last: 65535 },
};

/** What is left of boxes when one is taken out of them. */
export function subtract(boxes: readonly Box[], taken: Box): Box[] {
    return boxes.flatMap((box) => {
        if (!meet(box, taken)) return [box];
        const outside: Box = { ...box, who: difference(box.who, taken.who) };
        const inside: Box = {
            ...box,
            who: intersection(box.who, taken.who),
            what: spansWithout(box.what, taken.what),
        };
        return [outside, inside].filter(({ who, what }) => who.length > 0 && what.length > 0);
    });
}

/** Is there a packet in both? */
export function meet(a: Box, b: Box): boolean {
    return (
        a.protocol === b.protocol &&
        a.family === b.family &&
        a.what.some((x) => b.what.some((y) => x.first <= y.last && y.first <= x.last)) &&
        intersection(a.who, b.who).length > 0
    );
}

function spansWithout(spans: readonly Span[], taken: readonly Span[]): Span[] {
    let left = [...spans];
    for (const { first, last } of taken)
        left = left.flatMap((span) =>
            [
                { first: span.first, last: Math.min(span.last, first - 1) },
                { first: Math.max(span.first, last + 1), last: span.last },
            ].filter((part) => part.first <= part.last),
        );
    return left;
}

/**
 * The same packets in boxes that take few rows: for each list of ports those who reach all of it, or for each list of
 * addresses the ports that all of them reach, whichever is fewer. The boxes that go in do not overlap.
 */
export function inFewRows(boxes: readonly Box[]): Box[] {
    const groups = groupsOf(boxes, ({ protocol, family }) => `${protocol} ${family}`);
    return groups.flatMap((group) => {
        const byPorts = withPeopleTogether(group);
        const byPeople = withPortsTogether(cutByPorts(byPorts));
        return rowsFor(byPeople) < rowsFor(byPorts) ? byPeople : byPorts;
    });
}

/** A row has one prefix and one range of ports. */
export function rowsFor(boxes: readonly Box[]): number {
    return boxes.reduce((sum, { who, what }) => sum + countPrefixes(who) * what.length, 0);
}

export function withPeopleTogether(boxes: readonly Box[]): Box[] {
    return groupsOf(boxes, ({ protocol, family, what }) => `${protocol} ${family} ${spanText(what)}`).map((group) => ({
        ...group[0]!,
        who: mergeRanges(group.flatMap(({ who }) => who)),
    }));
}

function withPortsTogether(boxes: readonly Box[]): Box[] {
    const joined: Box[] = [];
    for (const box of boxes) {
        const at = joined.findIndex(({ who }) => sameSpace(who, box.who));
        if (at < 0) joined.push(box);
        else joined[at] = { ...box, what: mergePorts([...joined[at]!.what, ...box.what]) };
    }
    return joined;
}

/** Cut wherever a range of ports begins or ends; for each piece all who reach it. */
function cutByPorts(boxes: readonly Box[]): Box[] {
    const spans = boxes.flatMap(({ what }) => what);
    const starts = [...new Set(spans.flatMap(({ first, last }) => [first, last + 1]))].sort((a, b) => a - b);
    return starts.slice(0, -1).flatMap((first, index): Box[] => {
        const piece = { first, last: starts[index + 1]! - 1 };
        const here = boxes.filter(({ what }) => what.some((span) => span.first <= first && first <= span.last));
        if (here.length === 0) return [];
        return [{ ...here[0]!, who: mergeRanges(here.flatMap(({ who }) => who)), what: [piece] }];
    });
}

function groupsOf<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
    const groups = new Map<string, Item[]>();
    for (const item of items) {
        const key = keyOf(item);
        const group = groups.get(key);
        if (group) group.push(item);
        else groups.set(key, [item]);
    }
    return [...groups.values()];
}

const spanText = (spans: readonly Span[]) => spans.map(({ first, last }) => `${first}-${last}`).join();

/** All of a protocol. */
export function isEvery(protocol: RowProtocol, { first, last }: Span): boolean {
    return first === EVERY[protocol].first && last === EVERY[protocol].last;
}

/** Always with its length: `198.51.100.10/32`. */
export function cidr({ family, address, length }: Prefix): string {
    return `${formatAddress(family, address)}/${length}`;
}

export function ofFamily(space: AddressSpace, family: Family): AddressRange[] {
    return space.filter((range) => range.family === family);
}
