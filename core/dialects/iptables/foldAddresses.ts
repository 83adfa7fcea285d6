import { type AddressRange, type Family, wholeFamily } from "../../model/addresses";
import { normalAddresses } from "../../model/normalRule";
import type { AddressList, Addresses, Direction, ProtocolMatch } from "../../model/rule";
import { type AddressMatch, addressWords, type Match } from "./line";

type FamilyMatches = Readonly<Record<Family, readonly Match[]>>;

/** What the lines of both families say of addresses at either end, or undefined if a rule can't say it. */
export function foldAddresses(
    matches: FamilyMatches,
    protocols: readonly ProtocolMatch[],
    direction: Direction,
): { readonly from: Addresses; readonly to: Addresses } | undefined {
    const from = readEnd(matches, "source");
    const to = readEnd(matches, "destination");
    if (!from || !to) return undefined;
    const families = ([4, 6] as const).filter((family) => matches[family].length > 0);
    const [only, ...more] = families;
    const everywhere: Addresses = { kind: "anywhere" };
    if (only === undefined || more.length > 0 || (from.length > 0 && to.length > 0))
        return { from: addressesOf(from, families), to: addressesOf(to, families) };
    // One family: it follows from the addresses at one end, from the protocol, or it is said at the peer's end.
    if (from.length > 0) return { from: addressesOf(from, families), to: everywhere };
    if (to.length > 0) return { from: everywhere, to: addressesOf(to, families) };
    const own = only === 4 ? "icmp" : "icmpv6";
    if (protocols.every(({ protocol }) => protocol === own)) return { from: everywhere, to: everywhere };
    const whole: Addresses = { kind: "anywhere", family: only };
    return direction === "ingress" ? { from: whole, to: everywhere } : { from: everywhere, to: whole };
}

type Parts = readonly (AddressMatch | Family)[];

/** Addresses that are named, and families of which nothing is said; empty where nothing is said at all. */
function readEnd(matches: FamilyMatches, end: "source" | "destination"): Parts | undefined {
    const parts: (AddressMatch | Family)[] = [];
    for (const family of [4, 6] as const) {
        const said = new Map(
            matches[family].map(({ [end]: match }) => [match ? addressWords(match) : "", match] as const),
        );
        // What is excepted must be the same for all of a family, and so must it be that nothing is said.
        if (said.size > 1 && [...said.values()].some((part) => !part || part.negated)) return undefined;
        for (const part of said.values()) parts.push(part ?? family);
    }
    return parts.every((part) => typeof part === "number") ? [] : parts;
}

function addressesOf(parts: Parts, families: readonly Family[]): Addresses {
    if (parts.length === 0) return normalAddresses(listOf(families.map(wholeFamily)));
    const ranges = parts.flatMap((part): readonly AddressRange[] => {
        if (typeof part === "number") return [wholeFamily(part)];
        return part.negated ? part.ranges.map(({ family }) => wholeFamily(family)) : part.ranges;
    });
    const except = parts.flatMap((part) => (typeof part !== "number" && part.negated ? part.ranges : []));
    return normalAddresses(listOf(ranges), listOf(except));
}

function listOf(ranges: readonly AddressRange[]): AddressList {
    return { ranges, sets: [], unknown: false };
}
