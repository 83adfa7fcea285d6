import type { Family } from "../model/addresses";
import { formatPortList, NOT_KNOWN_YET } from "../model/formatRule";
import { formatPorts, mergePorts, type PortRange } from "../model/ports";
import type { Direction, PortList } from "../model/rule";
import { type AddressSpace, everybody, intersection, ofFamilies, sameSpace, union } from "./addressAlgebra";
import type { End } from "./end";
import { formatWho } from "./formatWho";
import { addressPieces, EVERY_PORT, portPieces } from "./pieces";

/** An accept that reaches only some of this server's `own` addresses, or only from some source `ports`. */
export interface NarrowedAccept {
    readonly who: End;
    readonly own: End;
    readonly ports: PortList | undefined;
}

/**
 * Each alternative in words, sorted. The same packets give the same words, however the accepts share them out.
 *
 * @example `["10.0.0.0/8 to 192.0.2.10", "anywhere from port 53"]`
 */
export function formatNarrowed(
    accepts: readonly NarrowedAccept[],
    direction: Direction,
    families: readonly Family[],
): string[] {
    const ownWord = direction === "ingress" ? "to" : "from";
    const known = accepts.filter(isKnown);
    const texts = joinFamilies(families.flatMap((family) => regionsOf(known, family))).map((region) =>
        formatRegion(region, ownWord, families),
    );
    for (const accept of accepts) if (!isKnown(accept)) texts.push(...formatUnknown(accept, ownWord, families));
    return [...new Set(texts)].sort();
}

function isKnown({ who, own, ports }: NarrowedAccept): boolean {
    return !who.unknown && !own.unknown && !ports?.unknown;
}

/** The same people get through to all of `own` from all of `ports`. */
interface Region {
    readonly who: AddressSpace;
    readonly own: AddressSpace;
    readonly ports: readonly PortRange[];
}

/** The packets of known accepts, of one family, as regions: each pair of people and ports once, with all its addresses. */
function regionsOf(accepts: readonly NarrowedAccept[], family: Family): Region[] {
    const regions = new Map<string, Region>();
    const own = accepts.flatMap((accept) => ofFamilies(accept.own.space, [family]));
    for (const piece of addressPieces(own, family)) {
        const here = accepts.filter(({ own }) => intersection(own.space, [piece]).length > 0);
        for (const { who, ports } of byPorts(here, family)) {
            const key = `${formatWho(who, [family])} from port ${formatPorts(ports)}`;
            const before = regions.get(key)?.own ?? [];
            regions.set(key, { who, ports, own: union(before, [piece]) });
        }
    }
    return [...regions.values()];
}

/** Who gets through from which source ports: each group of people once. */
function byPorts(
    accepts: readonly NarrowedAccept[],
    family: Family,
): { who: AddressSpace; ports: readonly PortRange[] }[] {
    const groups = new Map<string, { who: AddressSpace; ports: PortRange[] }>();
    const ranges = accepts.map(({ ports }) => ports?.ranges ?? [EVERY_PORT]);
    for (const piece of portPieces(ranges.flat())) {
        const here = accepts.filter((_, i) => ranges[i]!.some((r) => r.first <= piece.first && piece.first <= r.last));
        const all = here.flatMap(({ who }) => ofFamilies(who.space, [family]));
        if (all.length === 0) continue;
        const who = union(all, []);
        const key = formatWho(who, [family]);
        groups.set(key, { who, ports: mergePorts([...(groups.get(key)?.ports ?? []), piece]) });
    }
    return [...groups.values()];
}

/** Regions of both families as one, where these words mean the same for both. */
function joinFamilies(regions: readonly Region[]): Region[] {
    const joined: Region[] = [];
    for (const region of regions) {
        const other = joined.findIndex((earlier) => canJoin(earlier, region));
        if (other < 0) joined.push(region);
        else {
            const { who, own, ports } = joined[other]!;
            joined[other] = { who: union(who, region.who), own: union(own, region.own), ports };
        }
    }
    return joined;
}

function canJoin(a: Region, b: Region): boolean {
    const everyone = sameSpace(union(a.who, b.who), everybody([4, 6]));
    // "; " stands between alternatives, so it can't stand inside one.
    return everyone && formatPorts(a.ports) === formatPorts(b.ports) && !formatWho(union(a.own, b.own)).includes("; ");
}

function formatRegion({ who, own, ports }: Region, ownWord: string, families: readonly Family[]): string {
    const ownFamilies = families.filter((family) => ofFamilies(own, [family]).length > 0);
    const words = sameSpace(own, everybody(ownFamilies))
        ? [formatWho(who, families)]
        : [formatWho(who, ownFamilies), ownWord, formatWho(own, ownFamilies)];
    const [only] = ports;
    const everyPort = only?.first === EVERY_PORT.first && only.last === EVERY_PORT.last;
    return [...words, ...(everyPort ? [] : ["from port", formatPorts(ports)])].join(" ");
}

/** An accept of which something is not known yet, for each family unless it is for everybody. */
function formatUnknown({ who, own, ports }: NarrowedAccept, ownWord: string, families: readonly Family[]): string[] {
    const parts = sameSpace(who.space, everybody(families)) ? [families] : families.map((family) => [family]);
    return parts.flatMap((part) => {
        const people = endWords({ ...who, space: ofFamilies(who.space, part) }, families);
        const place = endWords({ ...own, space: ofFamilies(own.space, part) }, part);
        if (!people || !place) return [];
        const words = [people, ...(place === "anywhere" ? [] : [ownWord, place])];
        return [[...words, ...(ports ? ["from port", formatPortList(ports)] : [])].join(" ")];
    });
}

function endWords({ space, unknown }: End, families: readonly Family[]): string {
    const known = space.length > 0 ? [formatWho(space, families)] : [];
    return [...known, ...(unknown ? [NOT_KNOWN_YET] : [])].join(", ");
}
