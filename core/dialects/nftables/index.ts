import type { Dialect } from "../dialect";
import { baseLine } from "./base";
import { digestOf } from "./digest";
import { exposureBounds } from "./interpret/exposureBounds";
import { proveTranslation } from "./interpret/prove";
import { parse } from "./parse";
import { readBack } from "./readBack";
import { render } from "./render";
import { sameRuleset } from "./sameRuleset";
import { putBack, unmanagedText } from "./unmanagedText";

export { baseLine } from "./base";
export { digestOf } from "./digest";
export { TABLE } from "./identifiers";
export { UnreadableRuleset } from "./interpret/ast";
export { type Bounds, boundsOf } from "./interpret/bounds";
export type { Listing } from "./listing";
export { listCommand, listTextCommand, parse, UnreadableListing } from "./parse";
export { readBack } from "./readBack";
export { render } from "./render";
export { sameRuleset } from "./sameRuleset";
export { putBack, unmanagedText, type UnmanagedText } from "./unmanagedText";

/** nftables from 0.9.8 on, in a table of our own that serves both families. */
export const nftables: Dialect = {
    name: "nftables",
    baseLine,
    render,
    read(listing) {
        const reading = readBack(parse(listing));
        if (reading.understood) return reading;
        const { effective: rules, sets, defaults } = reading;
        return { ...reading, exposure: exposureBounds(listing, { rules, sets, defaults }) };
    },
    difference: (listing, policy) => sameRuleset(parse(listing), policy),
    prove: proveTranslation,
    keepForeign(rendered, listing, listingText) {
        const foreign = unmanagedText(listingText, parse(listing));
        const nothing = foreign.blocks.length === 0 && foreign.chains.length === 0;
        return nothing ? undefined : putBack(rendered, foreign);
    },
    digestOf,
};
