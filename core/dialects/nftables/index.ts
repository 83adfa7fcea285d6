import type { Policy } from "../../model/policy";
import type { Dialect, Reading } from "../dialect";
import { baseLine } from "../baseLine";
import { digestOf } from "../digest";
import { withBounds } from "../exposureBounds";
import { completeListing } from "./completeListing";
import { deltaBetween } from "./delta";
import { exposureBounds } from "./interpret/exposureBounds";
import { proveTranslation } from "./interpret/prove";
import { forwardProblems } from "./forwardProblems";
import type { Listing } from "./listing";
import { parse } from "./parse";
import { withLayout } from "./layout/readLayout";
import { readRules } from "./readBack";
import { render } from "./render";
import { sameRuleset } from "./sameRuleset";
import { putBack, unmanagedText } from "./unmanagedText";

export { baseLine } from "../baseLine";
export { digestOf } from "../digest";
export { TABLE } from "./identifiers";
export type { Bounds } from "../bounds";
export { boundsOf } from "./interpret/bounds";
export type { Listing } from "./listing";
export { listCommand, listTextCommand, parse } from "./parse";
export { readBack } from "./readBack";
export { render } from "./render";
export { sameRuleset } from "./sameRuleset";
export { putBack, unmanagedText, type UnmanagedText } from "./unmanagedText";

function readWhole(parsed: Listing, listing: string, expected: Policy | undefined): Reading {
    return withLayout(readRules(parsed, forwardProblems(parsed, listing, expected)), listing, expected);
}

/** nftables from 0.9.8 on, in a table of our own that serves both families. */
export const nftables: Dialect = {
    name: "nftables",
    baseLine,
    render: (policy, ownership) => render(policy, ownership),
    read(listing, expected) {
        const reading = readWhole(parse(listing), listing, expected);
        return withBounds(reading, (understood) => exposureBounds(listing, understood));
    },
    difference(listing, policy) {
        const parsed = parse(listing);
        return sameRuleset(parsed, policy, readWhole(parsed, listing, policy));
    },
    prove: proveTranslation,
    keepForeign(rendered, listing, listingText) {
        const foreign = unmanagedText(listingText, parse(listing));
        const nothing = foreign.blocks.length === 0 && foreign.chains.length === 0;
        return nothing ? undefined : putBack(rendered, foreign);
    },
    complete: completeListing,
    delta: deltaBetween,
    digestOf,
};
