import type { AddressRange, Family } from "../../../model/addresses";
import type { PortRange } from "../../../model/ports";
import type { Addresses, Protocol, Rule } from "../../../model/rule";
import { addressAlternatives, type AddressField, type SetsByName } from "../renderAddresses";
import { flagAlternatives, interfaceAlternatives, stateText } from "../renderOptions";
import { icmpAlternatives } from "../renderRule";
import { words } from "../renderText";

/** What a packet must be in the respects that an element of a set can say; absent: anything. */
export interface Box {
    readonly source?: readonly AddressRange[];
    readonly destination?: readonly AddressRange[];
    readonly protocols?: readonly Protocol[];
    readonly sourcePorts?: readonly PortRange[];
    readonly destinationPorts?: readonly PortRange[];
}

/** One part of what a rule matches: a box, and what only the text of a rule says. */
export interface Atom {
    readonly box: Box;
    readonly text: string;
    readonly family?: Family;
    /** The text says so. */
    readonly protocol?: "icmp" | "icmpv6";
}

/** An address, a protocol or an option, in one of its alternatives. */
interface Part {
    readonly box?: Box;
    readonly text?: string;
    readonly family?: Family | undefined;
    readonly protocol?: "icmp" | "icmpv6";
}

/** What a rule matches, as parts of which each packet meets one at the most or several that decide the same. */
export function atomsOf(rule: Rule, sets: SetsByName): readonly Atom[] {
    let atoms: readonly Atom[] = [{ box: {}, text: "" }];
    const narrow = (parts: readonly Part[]) => {
        if (!saysNothing(parts)) atoms = meetAll(atoms, parts);
    };
    narrow(interfaceAlternatives(rule));
    narrow(addressParts("saddr", rule.from.addresses, sets));
    narrow(addressParts("daddr", rule.to.addresses, sets));
    narrow(protocolParts(rule));
    narrow(flagAlternatives(rule));
    if (rule.states) narrow([{ text: stateText(rule) }]);
    return atoms;
}

/** As most do. */
function saysNothing(parts: readonly Part[]): boolean {
    const only = parts.length === 1 ? parts[0] : undefined;
    return only !== undefined && !only.box && !only.text && !only.family;
}

function meetAll(atoms: readonly Atom[], parts: readonly Part[]): Atom[] {
    const met: Atom[] = [];
    for (const atom of atoms)
        for (const part of parts) {
            const both = meet(atom, part);
            if (both) met.push(both);
        }
    return met;
}

function meet(atom: Atom, part: Part): Atom | undefined {
    if (atom.family && part.family && atom.family !== part.family) return undefined;
    const family = atom.family ?? part.family;
    const protocol = atom.protocol ?? part.protocol;
    return {
        box: part.box ? { ...atom.box, ...part.box } : atom.box,
        text: part.text ? words(atom.text, part.text) : atom.text,
        ...(family && { family }),
        ...(protocol && { protocol }),
    };
}

const FAMILIES = [4, 6] as const;

/** Ranges go into elements; address sets, exceptions and whole families are said by text. */
function addressParts(
    field: AddressField & ("saddr" | "daddr"),
    addresses: Addresses,
    sets: SetsByName,
): readonly Part[] {
    if (addresses.kind === "anywhere" || addresses.except)
        return addressAlternatives(field, addresses, sets).filter(({ never }) => !never);
    const literal: Part[] = [];
    for (const family of FAMILIES) {
        const ranges = addresses.ranges.filter((range) => range.family === family);
        if (ranges.length > 0)
            literal.push({ family, box: field === "saddr" ? { source: ranges } : { destination: ranges } });
    }
    if (addresses.sets.length === 0 && !addresses.unknown) return literal;
    return [...literal, ...addressAlternatives(field, { ...addresses, ranges: [] }, sets)];
}

function protocolParts({ matches, from, to }: Rule): Part[] {
    const plain: Protocol[] = [];
    const icmp: Part[] = [];
    for (const { protocol, types } of matches) {
        if (protocol !== "icmp" && protocol !== "icmpv6") plain.push(protocol);
        else for (const part of icmpAlternatives(protocol, types)) icmp.push({ ...part, protocol });
    }
    const box: Box = {
        ...(plain[0] !== "any" && { protocols: plain }),
        ...(from.ports && { sourcePorts: from.ports.ranges }),
        ...(to.ports && { destinationPorts: to.ports.ranges }),
    };
    const isNever = from.ports?.ranges.length === 0 || to.ports?.ranges.length === 0;
    return [...(plain.length > 0 && !isNever ? [{ box }] : []), ...icmp];
}

/** Can a packet be in both? What is said by text is taken to let everything through. */
export function overlap(a: Atom, b: Atom): boolean {
    if (a.family && b.family && a.family !== b.family) return false;
    return (
        inBoth(a.box.destinationPorts, b.box.destinationPorts, meetRanges) &&
        inBoth(protocolsOf(a), protocolsOf(b), meetProtocols) &&
        inBoth(a.box.source, b.box.source, meetRanges) &&
        inBoth(a.box.destination, b.box.destination, meetRanges) &&
        inBoth(a.box.sourcePorts, b.box.sourcePorts, meetRanges)
    );
}

function protocolsOf({ box, protocol }: Atom): readonly Protocol[] | undefined {
    return protocol ? [protocol] : box.protocols;
}

function inBoth<T>(a: T | undefined, b: T | undefined, meet: (a: T, b: T) => boolean): boolean {
    return a === undefined || b === undefined || meet(a, b);
}

function meetProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
    return a.some((each) => b.includes(each));
}

/** Both sorted and merged; of addresses, all of one family. */
export function meetRanges<T extends number | bigint>(
    a: readonly { readonly first: T; readonly last: T }[],
    b: readonly { readonly first: T; readonly last: T }[],
): boolean {
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
        if (a[i]!.last < b[j]!.first) i++;
        else if (b[j]!.last < a[i]!.first) j++;
        else return true;
    }
    return false;
}
