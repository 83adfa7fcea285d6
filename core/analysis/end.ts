import { mergeRanges } from "../model/addresses";
import type { NamedSet } from "../model/policy";
import type { Addresses } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import { type AddressSpace, difference, everybody } from "./addressAlgebra";

/**
 * The addresses that one end of a rule means, sets included and exceptions taken away, by what is known of both;
 * `unknown` if there may be more. An exception that is not known yet may take more away.
 */
export interface End {
    readonly space: AddressSpace;
    readonly unknown: boolean;
}

export function endOf(addresses: Addresses, sets: readonly NamedSet[]): End {
    const { space, unknown } = namedBy(addresses, sets);
    if (!addresses.except) return { space, unknown };
    return { space: difference(space, mergeRanges(addressesOf(addresses.except, sets).ranges)), unknown };
}

function namedBy(addresses: Addresses, sets: readonly NamedSet[]): End {
    if (addresses.kind === "anywhere")
        return { space: everybody(addresses.family ? [addresses.family] : [4, 6]), unknown: false };
    const { ranges, unknown } = addressesOf(addresses, sets);
    return { space: mergeRanges(ranges), unknown };
}
