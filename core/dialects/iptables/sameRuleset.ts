import type { Policy } from "../../model/policy";
import { differenceFromPolicy } from "../samePolicy";
import type { Listing } from "./listing";
import { hasOurChains, readBack } from "./readBack";

/** The first thing in which the listing is not exactly this policy, in words; undefined if there is none. */
export function sameRuleset(listing: Listing, policy: Policy, problems: readonly string[] = []): string | undefined {
    if (!hasOurChains(listing)) return "there are no chains of ours";
    // What sets hold the rules say that name them.
    return differenceFromPolicy({ ...readBack(listing, policy, problems), sets: policy.sets }, policy);
}
