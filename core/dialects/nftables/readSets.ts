import { type AddressRange, BITS, type Family, formatAddress, mergeRanges, prefixToRange } from "../../model/addresses";
import { referenceTo } from "../../model/addressSets";
import { printable } from "../../model/diagnostics";
import { isName } from "../../model/names";
import { askedText, type ReadSet } from "./foldEnds";
import { type Foreign, foreignObject } from "../foreign";
import { isLayoutIdentifier, NO_ADDRESS, NO_PACKET, NO_PORT, partIdentifier, setIdentifier } from "./identifiers";
import { maskOf } from "./largeSets";
import type { NftSet, NftTable } from "./listing";
import { usedLimits } from "./readLimits";
import { readAddresses, readAll } from "./values";

const TYPES = { ipv4_addr: 4, ipv6_addr: 6 } as const;
const EMPTY: readonly string[] = [NO_ADDRESS, NO_PORT, NO_PACKET];

/** Our address sets by name, and what else there is. */
export function readSets(table: NftTable): { known: ReadSet[]; foreign: Foreign[]; changes: string[] } {
    const found = new Map<string, Part[]>();
    const foreign: Foreign[] = [];
    const changes: string[] = [];
    const limits = usedLimits(table);
    for (const set of table.sets.filter(({ name }) => !limits.has(name) && !isLayoutIdentifier(name))) {
        const part = readPart(set);
        if (part) found.set(part.name, [...(found.get(part.name) ?? []), part]);
        else if (!EMPTY.includes(set.name)) foreign.push(describeSet(set));
        else if (set.elements.length > 0 || set.strange) changes.push(`set ${set.name} is no longer empty`);
    }
    const known = [...found]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, parts]): ReadSet => {
            const set = { name, ranges: mergeRanges(parts.flatMap(({ ranges }) => ranges)) };
            const identifiers = parts.map(({ identifier }) => identifier);
            return { set, reference: referenceTo(set), identifiers, asked: parts.map(({ asked }) => asked) };
        });
    return { known, foreign, changes };
}

/** What one set of nft holds of an address set. */
interface Part {
    readonly name: string;
    readonly identifier: string;
    readonly asked: string;
    readonly ranges: readonly AddressRange[];
}

/** Its identifier must follow from the name in its comment. */
function readPart(set: NftSet): Part | undefined {
    const family = TYPES[set.type as keyof typeof TYPES] as Family | undefined;
    const name = set.comment;
    if (family === undefined || name === undefined || set.strange || !name.split("/").every(isName)) return undefined;
    const ranges = readAll(set.elements, (item) => readAddresses(item, family));
    if (!ranges) return undefined;
    const identifier = set.name;
    if (identifier === setIdentifier(name, family)) return { name, identifier, asked: identifier, ranges };
    const length = Number(/_(\d{1,3})$/.exec(identifier)?.[1]);
    if (!(length >= 1 && length <= BITS[family]) || identifier !== partIdentifier(name, family, length))
        return undefined;
    const networks = readAllNetworks(ranges, length);
    if (!networks) return undefined;
    const mask = length === BITS[family] ? undefined : formatAddress(family, maskOf(family, length));
    return { name, identifier, asked: askedText(identifier, mask), ranges: networks };
}

/** The networks of this length that addresses stand for; undefined where one is no network, which no packet would find. */
function readAllNetworks(addresses: readonly AddressRange[], length: number): AddressRange[] | undefined {
    const networks = addresses.map(({ family, first, last }) =>
        first === last && (first & maskOf(family, length)) === first
            ? prefixToRange({ family, address: first, length })
            : undefined,
    );
    return networks.every((network) => network !== undefined) ? networks : undefined;
}

function describeSet(set: NftSet): Foreign {
    const name = set.comment === undefined ? set.name : `${set.name} ${set.comment}`;
    return foreignObject(
        printable(`set ${name}`, 100),
        printable(`${set.elements.length} elements of ${set.type}`, 100),
    );
}
