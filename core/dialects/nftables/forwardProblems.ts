import type { Policy } from "../../model/policy";
import { forwardedOtherwise, NOT_FILTERED, saysForwarded } from "../forwarded";
import { proveForward } from "./interpret/prove";
import type { Listing } from "./listing";
import { forwardChains } from "./readForward";

/** In what way a listing does not do with what is forwarded what the policy says. */
export function forwardProblems({ table }: Listing, text: string, expected: Policy | undefined): string[] {
    if (!table || !saysForwarded(expected)) return [];
    if (forwardChains(table).length === 0) return [NOT_FILTERED];
    return forwardedOtherwise(() => proveForward({ listing: text }, expected));
}
