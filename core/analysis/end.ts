import { mergeRanges } from "../model/addresses";
import type { NamedSet } from "../model/policy";
import type { Addresses } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import { type AddressSpace, difference, everybody } from "./addressAlgebra";

/** The addresses that one end of a rule means, sets included and exceptions taken away, by what is known of both. */
export function spaceOf(addresses: Addresses, sets: readonly NamedSet[]): AddressSpace {
    const said =
        addresses.kind === "anywhere"
            ? everybody(addresses.family ? [addresses.family] : [4, 6])
            : mergeRanges(addressesOf(addresses, sets).ranges);
    return addresses.except ? difference(said, mergeRanges(addressesOf(addresses.except, sets).ranges)) : said;
}
