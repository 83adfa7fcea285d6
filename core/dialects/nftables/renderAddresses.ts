import { type AddressRange, type Family, formatAddress, formatPrefix, toPrefixes } from "../../model/addresses";
import type { NamedSet } from "../../model/policy";
import type { Addresses, AddressList } from "../../model/rule";
import { NO_ADDRESS, setIdentifier } from "./identifiers";
import { maskText, partsByLength, type SetPart } from "./largeSets";
import { type Alternative, ANYTHING, list, words } from "./renderText";

/** `original`: what it was before the port of a container was put in its place. */
export type AddressField = "saddr" | "daddr" | "original daddr";

export type SetsByName = ReadonlyMap<string, NamedSet>;

/** The matches for the addresses at one end of a rule, each for packets of one family or (no text) for all. */
export function addressAlternatives(
    field: AddressField,
    addresses: Addresses,
    sets: SetsByName,
): readonly Alternative[] {
    if (addresses.kind === "anywhere" && addresses.family === undefined && !addresses.except) return ANYTHING;
    const named = namedAddresses(field, addresses, sets);
    if (!addresses.except) return named;
    const exceptions = listAlternatives(field, "!= ", addresses.except, sets);
    const exceptionsOf = (family: Family) =>
        words(...exceptions.filter((each) => each.family === family).map(({ text }) => text));
    const everywhere = addresses.kind === "anywhere" && addresses.family === undefined;
    const said = everywhere ? ([4, 6] as const).map((family) => wholeFamily(field, family)) : named;
    const alternatives = said.map(({ family, text }): Alternative => {
        const except = exceptionsOf(family!);
        // Alone, an exception says "all others of the family".
        const whole = text === wholeFamily(field, family!).text;
        return { family: family!, text: whole && except ? except : words(text, except), note: words(text, except) };
    });
    const lost = ([4, 6] as const).filter(
        (family) => exceptionsOf(family) && said.every((each) => each.family !== family),
    );
    return [...alternatives, ...lost.map((family) => ({ family, text: exceptionsOf(family), never: true as const }))];
}

function namedAddresses(field: AddressField, addresses: Addresses, sets: SetsByName): Alternative[] {
    if (addresses.kind === "anywhere")
        return [addresses.family === undefined ? { text: "" } : wholeFamily(field, addresses.family)];
    const alternatives = listAlternatives(field, "", addresses, sets);
    return alternatives.length > 0 ? alternatives : [{ family: 4, text: `${fieldOf(4, field)} @${NO_ADDRESS}` }];
}

/** Not `meta nfproto`: it would not tell which end of the rule says it. */
function wholeFamily(field: AddressField, family: Family): Alternative {
    return { family, text: `${fieldOf(family, field)} ${family === 4 ? "0.0.0.0/0" : "::/0"}` };
}

function listAlternatives(
    field: AddressField,
    operator: "" | "!= ",
    addresses: AddressList,
    sets: SetsByName,
): Alternative[] {
    if (addresses.unknown) throw new Error("a rule with an address that is not known yet can't be rendered");
    const literal = ([4, 6] as const).flatMap((family): Alternative[] => {
        const ranges = addresses.ranges.filter((range) => range.family === family);
        return ranges.length === 0
            ? []
            : [{ family, text: `${fieldOf(family, field)} ${operator}${list(ranges, formatRange)}` }];
    });
    const named = addresses.sets.flatMap(({ name }) => {
        const set = sets.get(name);
        if (!set) throw new Error(`a rule refers to set ${name}, which the policy does not hold`);
        return familiesOf(set).flatMap((family) =>
            partsOf(set, family).map(({ identifier, length }) => ({
                family,
                text: `${fieldOf(family, field)}${maskText(family, length)} ${operator}@${identifier}`,
            })),
        );
    });
    return [...literal, ...named];
}

/** An empty set is an (empty) set of IPv4 addresses. */
export function familiesOf({ ranges }: NamedSet): Family[] {
    const families = ([4, 6] as const).filter((family) => ranges.some((range) => range.family === family));
    return families.length === 0 ? [4] : families;
}

/** The sets of nft that hold one family of an address set. */
export function partsOf({ name, ranges }: NamedSet, family: Family): readonly SetPart[] {
    return partsByLength(name, family, ranges) ?? [{ identifier: setIdentifier(name, family) }];
}

/** The shortest text of a range: an address, a prefix, or both ends (nft 0.9.8 refuses a range of one address). */
export function formatRange(range: AddressRange): string {
    const prefixes = toPrefixes([range]);
    if (prefixes.length === 1) return formatPrefix(prefixes[0]!);
    return `${formatAddress(range.family, range.first)}-${formatAddress(range.family, range.last)}`;
}

function fieldOf(family: Family, field: AddressField): string {
    const protocol = family === 4 ? "ip" : "ip6";
    return field === "original daddr" ? `ct original ${protocol} daddr` : `${protocol} ${field}`;
}
