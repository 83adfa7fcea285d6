import type { Policy } from "../../model/policy";
import type { Reading } from "../dialect";
import { differenceFromPolicy } from "../samePolicy";
import type { Listing } from "./listing";
import { readBack } from "./readBack";

/**
 * The first thing in which the listing is not exactly this policy, in words; undefined if there is none. `reading`: what it
 * means, where more than its rules tell that.
 */
export function sameRuleset(
    listing: Listing,
    policy: Policy,
    reading: Reading = readBack(listing),
): string | undefined {
    return listing.table ? differenceFromPolicy(reading, policy) : "there is no table of ours";
}
