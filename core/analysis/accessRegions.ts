import { type AddressRange, type Family, mergeRanges } from "../model/addresses";
import { mergePorts, type PortRange } from "../model/ports";
import { type AddressSpace, difference, intersection, sameSpace, union } from "./addressAlgebra";
import type { Diagram, Diagrams } from "./diagram";
import { addressesByKid, LEVEL } from "./packetFields";
import { EVERY_PORT, portPieces } from "./pieces";

/** The same people get through to all of `own` from all of `ports`. */
export interface Region {
    readonly who: AddressSpace;
    readonly own: AddressSpace;
    readonly ports: readonly PortRange[];
}

/** Those who get through, of packets that differ in nothing but addresses and source port. */
export interface Access {
    /** To all of the server's addresses and from every source port. */
    readonly who: AddressSpace;
    /** Who else, only to some of its addresses or from some source ports. */
    readonly narrowed: readonly Region[];
}

/** Reads a diagram (1: gets through) that asks nothing but family, addresses and source port. */
export function accessOf(diagrams: Diagrams, diagram: Diagram, families: readonly Family[]): Access {
    const kids = diagrams.pieces(diagram, LEVEL.family);
    const parts = families.map((family) => {
        const kid = kids.find(({ last }) => (family === 4 ? 0 : 1) <= last)!.kid;
        return ofFamily(diagrams, kid, family);
    });
    return { who: parts.flatMap(({ who }) => who), narrowed: parts.flatMap(({ narrowed }) => narrowed) };
}

function ofFamily(diagrams: Diagrams, diagram: Diagram, family: Family): Access {
    const places = [...addressesByKid(diagrams, diagram, LEVEL.own, family)].map(([kid, own]) => ({
        own,
        people: byPorts(diagrams, kid, family),
    }));
    const everywhere = places.map(({ people }) => people.find(({ ports }) => isEveryPort(ports))?.who ?? []);
    diagrams.spend(everywhere.reduce((sum, space) => sum + space.length, 0));
    const who = everywhere.reduce((a, b) => (sameSpace(a, b) ? a : intersection(a, b)));
    // As most rules have it: nobody asks for an address of the server or a source port.
    if (places.length === 1 && places[0]!.people.every(({ ports }) => isEveryPort(ports))) return { who, narrowed: [] };
    const narrowed = places.flatMap(({ own, people }) =>
        groupByPorts(
            diagrams,
            people.map(({ who: some, ports }) => ({ who: difference(some, who), ports })),
        ).map((group) => ({
            ...group,
            own,
        })),
    );
    return { who, narrowed: byOwn(narrowed) };
}

interface People {
    readonly who: AddressSpace;
    readonly ports: readonly PortRange[];
}

/** By what ports each address gets through from; those that don't get through at all are left out. */
function byPorts(diagrams: Diagrams, diagram: Diagram, family: Family): People[] {
    const people: People[] = [];
    addressesByKid(diagrams, diagram, LEVEL.far, family).forEach((who, kid) => {
        if (kid === 0) return;
        const ports = diagrams
            .pieces(kid, LEVEL.sourcePort)
            .filter((piece) => piece.kid === 1)
            .map(({ first, last }) => ({ first: Math.max(first, EVERY_PORT.first), last }));
        if (ports.length > 0) people.push({ who, ports });
    });
    return people;
}

export function isEveryPort(ranges: readonly PortRange[]): boolean {
    const range = ranges[0];
    return range?.first === EVERY_PORT.first && range.last === EVERY_PORT.last;
}

/** Each group of people once, with all ports from which exactly they get through. */
function groupByPorts(diagrams: Diagrams, people: readonly People[]): People[] {
    const some = people.filter(({ who }) => who.length > 0);
    const groups = new Map<string, { who: AddressSpace; ports: PortRange[] }>();
    for (const piece of portPieces(some.flatMap(({ ports }) => ports))) {
        const here = some.filter(({ ports }) => ports.some((r) => r.first <= piece.first && piece.first <= r.last));
        diagrams.spend(some.length);
        if (here.length === 0) continue;
        diagrams.spend(here.reduce((sum, each) => sum + each.who.length, 0));
        const who = mergeRanges(here.flatMap((each) => each.who));
        const key = keyOf(who);
        groups.set(key, { who, ports: mergePorts([...(groups.get(key)?.ports ?? []), piece]) });
    }
    return [...groups.values()];
}

/** Each pair of people and ports once, with all addresses of the server for which it holds. */
function byOwn(regions: readonly Region[]): Region[] {
    const groups = new Map<string, Region>();
    for (const region of regions) {
        const key = `${keyOf(region.who)} ${JSON.stringify(region.ports)}`;
        groups.set(key, { ...region, own: union(groups.get(key)?.own ?? [], region.own) });
    }
    return [...groups.values()];
}

function keyOf(space: AddressSpace): string {
    return space.map(({ family, first, last }: AddressRange) => `${family} ${first} ${last}`).join();
}
