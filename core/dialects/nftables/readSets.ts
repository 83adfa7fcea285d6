import { type AddressRange, type Family, mergeRanges } from "../../model/addresses";
import { referenceTo } from "../../model/addressSets";
import { printable } from "../../model/diagnostics";
import { isName } from "../../model/names";
import type { ReadSet } from "./foldEnds";
import { type Foreign, foreignObject } from "./foreign";
import { NO_ADDRESS, NO_PACKET, NO_PORT, setIdentifier } from "./identifiers";
import type { NftSet, NftTable } from "./listing";
import { usedLimits } from "./readLimits";
import { readAddresses, readAll } from "./values";

const TYPES = { ipv4_addr: 4, ipv6_addr: 6 } as const;
const EMPTY: readonly string[] = [NO_ADDRESS, NO_PORT, NO_PACKET];

/** Our address sets by name, and what else there is. */
export function readSets(table: NftTable): { known: ReadSet[]; foreign: Foreign[]; changes: string[] } {
    const halves = new Map<string, Partial<Record<Family, { identifier: string; ranges: readonly AddressRange[] }>>>();
    const foreign: Foreign[] = [];
    const changes: string[] = [];
    const limits = usedLimits(table);
    for (const set of table.sets.filter(({ name }) => !limits.has(name))) {
        const half = readHalf(set);
        if (half) halves.set(half.name, { ...halves.get(half.name), [half.family]: half });
        else if (!EMPTY.includes(set.name)) foreign.push(describeSet(set));
        else if (set.elements.length > 0 || set.strange) changes.push(`set ${set.name} is no longer empty`);
    }
    const known = [...halves]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, families]): ReadSet => {
            const ranges = Object.values(families).flatMap((half) => half.ranges);
            const identifiers = Object.fromEntries(
                Object.entries(families).map(([family, { identifier }]) => [family, identifier]),
            );
            const set = { name, ranges: mergeRanges(ranges) };
            return { set, reference: referenceTo(set), identifiers };
        });
    return { known, foreign, changes };
}

/** One family of one of our sets: its identifier must follow from the name in its comment. */
function readHalf(set: NftSet) {
    const family = TYPES[set.type as keyof typeof TYPES] as Family | undefined;
    const name = set.comment;
    if (family === undefined || name === undefined || set.strange || !name.split("/").every(isName)) return undefined;
    if (set.name !== setIdentifier(name, family)) return undefined;
    const ranges = readAll(set.elements, (item) => readAddresses(item, family));
    return ranges && { name, family, identifier: set.name, ranges };
}

function describeSet(set: NftSet): Foreign {
    const name = set.comment === undefined ? set.name : `${set.name} ${set.comment}`;
    return foreignObject(
        printable(`set ${name}`, 100),
        printable(`${set.elements.length} elements of ${set.type}`, 100),
    );
}
