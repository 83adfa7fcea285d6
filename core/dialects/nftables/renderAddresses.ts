import { type AddressRange, type Family, formatAddress, formatPrefix, toPrefixes } from "../../model/addresses";
import type { NamedSet } from "../../model/policy";
import type { Addresses, AddressList } from "../../model/rule";
import { NO_ADDRESS, setIdentifier } from "./identifiers";
import { type Alternative, list, words } from "./renderText";

const ANYWHERE: Alternative[] = [{ text: "" }];

export type SetsByName = ReadonlyMap<string, NamedSet>;

/** The matches for the addresses at one end of a rule, each for packets of one family or (no text) for all. */
export function addressAlternatives(field: "saddr" | "daddr", addresses: Addresses, sets: SetsByName): Alternative[] {
    if (addresses.kind === "anywhere" && addresses.family === undefined && !addresses.except) return ANYWHERE;
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

function namedAddresses(field: "saddr" | "daddr", addresses: Addresses, sets: SetsByName): Alternative[] {
    if (addresses.kind === "anywhere")
        return [addresses.family === undefined ? { text: "" } : wholeFamily(field, addresses.family)];
    const alternatives = listAlternatives(field, "", addresses, sets);
    return alternatives.length > 0 ? alternatives : [{ family: 4, text: `ip ${field} @${NO_ADDRESS}` }];
}

/** Not `meta nfproto`: it would not tell which end of the rule says it. */
function wholeFamily(field: "saddr" | "daddr", family: Family): Alternative {
    return { family, text: `${protocolOf(family)} ${field} ${family === 4 ? "0.0.0.0/0" : "::/0"}` };
}

function listAlternatives(
    field: "saddr" | "daddr",
    operator: "" | "!= ",
    addresses: AddressList,
    sets: SetsByName,
): Alternative[] {
    if (addresses.unknown) throw new Error("a rule with an address that is not known yet can't be rendered");
    const literal = ([4, 6] as const).flatMap((family): Alternative[] => {
        const ranges = addresses.ranges.filter((range) => range.family === family);
        return ranges.length === 0
            ? []
            : [{ family, text: `${protocolOf(family)} ${field} ${operator}${list(ranges, formatRange)}` }];
    });
    const named = addresses.sets.flatMap(({ name }) => {
        const set = sets.get(name);
        if (!set) throw new Error(`a rule refers to set ${name}, which the policy does not hold`);
        return familiesOf(set).map((family) => ({
            family,
            text: `${protocolOf(family)} ${field} ${operator}@${setIdentifier(name, family)}`,
        }));
    });
    return [...literal, ...named];
}

/** An empty set is an (empty) set of IPv4 addresses. */
export function familiesOf({ ranges }: NamedSet): Family[] {
    const families = ([4, 6] as const).filter((family) => ranges.some((range) => range.family === family));
    return families.length === 0 ? [4] : families;
}

/** The shortest text of a range: an address, a prefix, or both ends (nft 0.9.8 refuses a range of one address). */
export function formatRange(range: AddressRange): string {
    const [prefix, ...more] = toPrefixes([range]);
    if (prefix && more.length === 0) return formatPrefix(prefix);
    return `${formatAddress(range.family, range.first)}-${formatAddress(range.family, range.last)}`;
}

function protocolOf(family: Family): "ip" | "ip6" {
    return family === 4 ? "ip" : "ip6";
}
