import type { Policy } from "../../model/policy";
import { forwardedOtherwise, NOT_FILTERED, saysForwarded } from "../forwarded";
import { splitFamilies } from "./families";
import { proveForward } from "./interpret/prove";
import type { Listing } from "./listing";
import { readForward } from "./readForward";

/** In what way a listing does not do with what is forwarded what the policy says. */
export function forwardProblems(listing: Listing, text: string, expected: Policy | undefined): string[] {
    if (!saysForwarded(expected)) return [];
    const { filtered } = readForward(listing);
    if (filtered.length === 0) return [NOT_FILTERED];
    // Which family it is, is a change that is told anyway.
    if (filtered.length === 1) return [];
    return forwardedOtherwise(() => proveForward(splitFamilies(text), expected));
}
