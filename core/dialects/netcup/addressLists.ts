import type { AddressSpace } from "../../analysis/addressAlgebra";
import {
    type AddressRange,
    countPrefixes,
    type Family,
    formatPrefix,
    toPrefixes,
    wholeFamily,
} from "../../model/addresses";

/** The two lists of one rule of netcup; an empty one is anybody. */
export interface AddressLists {
    readonly sources: readonly string[];
    readonly destinations: readonly string[];
}

/** Of one family; undefined: all of its addresses. */
interface Part {
    readonly family: Family;
    readonly sources: readonly string[] | undefined;
    readonly destinations: readonly string[] | undefined;
}

/**
 * The lists of as few rules as say "from these to those" in some families; none where nobody is left. One list of several
 * faces a list of one, and both families stand together only where the other end is anybody, as netcup demands.
 */
export function addressLists(from: AddressSpace, to: AddressSpace, families: readonly Family[]): AddressLists[] {
    const parts = families.flatMap((family): Part[] => {
        const [sources, destinations] = [from, to].map((space) => space.filter((range) => range.family === family));
        if (sources!.length === 0 || destinations!.length === 0) return [];
        return [{ family, sources: prefixesOf(sources!), destinations: prefixesOf(destinations!) }];
    });
    if (parts.length === families.length && parts.every(isOpen)) return [{ sources: [], destinations: [] }];

    const bySource: string[] = [];
    const byDestination: string[] = [];
    const byBoth: AddressLists[] = [];
    const facesDestinations = parts.some(({ sources, destinations }) => !sources && destinations);
    for (const { family, sources, destinations } of parts) {
        if (sources && destinations) byBoth.push(...facing(sources, destinations));
        else if (sources) bySource.push(...sources);
        else if (destinations) byDestination.push(...destinations);
        else
            (facesDestinations ? byDestination : bySource).push(...toPrefixes([wholeFamily(family)]).map(formatPrefix));
    }
    return [
        ...(bySource.length > 0 ? [{ sources: bySource, destinations: [] }] : []),
        ...(byDestination.length > 0 ? [{ sources: [], destinations: byDestination }] : []),
        ...byBoth,
    ];
}

/** How often these rules would count, at least up to `most`; faster than to make them. */
export function countLists(from: AddressSpace, to: AddressSpace, families: readonly Family[], most: number): number {
    const spaces = families.map((family) =>
        [from, to].map((space) => space.filter((range) => range.family === family)),
    );
    if (spaces.every((ends) => ends.every(isWhole))) return 1;
    return spaces
        .map((ends) => ends.reduce((product, ranges) => product * countPrefixes(ranges, most), 1))
        .reduce((sum, count) => sum + count, 0);
}

function isOpen({ sources, destinations }: Part): boolean {
    return !sources && !destinations;
}

function prefixesOf(ranges: readonly AddressRange[]): string[] | undefined {
    return isWhole(ranges) ? undefined : toPrefixes(ranges).map(formatPrefix);
}

/** Of one family. */
function isWhole([only, ...more]: readonly AddressRange[]): boolean {
    return only !== undefined && more.length === 0 && only.first === 0n && only.last === wholeFamily(only.family).last;
}

/** The shorter list one by one. */
function facing(sources: readonly string[], destinations: readonly string[]): AddressLists[] {
    return sources.length < destinations.length
        ? sources.map((source) => ({ sources: [source], destinations }))
        : destinations.map((destination) => ({ sources, destinations: [destination] }));
}
