import { mergeRanges } from "../model/addresses";
import type { NamedSet } from "../model/policy";
import type { Addresses } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import { type AddressSpace, everybody } from "./addressAlgebra";

/** The addresses that one end of a rule means, sets included; `unknown` if there may be more. */
export interface End {
    readonly space: AddressSpace;
    readonly unknown: boolean;
}

export function endOf(addresses: Addresses, sets: readonly NamedSet[]): End {
    if (addresses.kind === "anywhere")
        return { space: everybody(addresses.family ? [addresses.family] : [4, 6]), unknown: false };
    const { ranges, unknown } = addressesOf(addresses, sets);
    return { space: mergeRanges(ranges), unknown };
}
