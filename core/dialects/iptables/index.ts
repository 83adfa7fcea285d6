import { baseLine } from "../baseLine";
import type { Dialect } from "../dialect";
import { digestOf } from "../digest";
import { withBounds } from "../exposureBounds";
import { formatMark } from "../mark";
import { joinFamilies, splitFamilies } from "./families";
import { forwardProblems } from "./forwardProblems";
import { proveTranslation } from "./interpret/prove";
import { keepForeign } from "./keepForeign";
import { exposureBounds } from "./liveBounds";
import { parse } from "./parse";
import { readBack } from "./readBack";
import { renderFamilies } from "./render";
import { sameRuleset } from "./sameRuleset";

export type { Bounds } from "../bounds";
export { boundsOf } from "./liveBounds";

/**
 * iptables and ip6tables from 1.8.7 on, of either variant, in chains of our own. Its texts and listings hold both families, each
 * behind a header line; a listing is what `ipset save` prints of our sets and iptables-save of the tables `filter` and `mangle`.
 */
export const iptables: Dialect = {
    name: "iptables",
    baseLine,
    render: (policy, ownership, installed) =>
        joinFamilies(renderFamilies(policy, formatMark({ ...ownership, digest: digestOf(policy) }), installed)),
    read(listing, expected) {
        const parsed = parse(listing);
        const reading = readBack(parsed, expected, forwardProblems(parsed, listing, expected));
        return withBounds(reading, (understood) => exposureBounds(listing, understood));
    },
    difference(listing, policy) {
        const parsed = parse(listing);
        return sameRuleset(parsed, policy, forwardProblems(parsed, listing, policy));
    },
    prove: (source, policy) => proveTranslation(splitFamilies("text" in source ? source.text : source.listing), policy),
    keepForeign: (rendered, listing) => keepForeign(rendered, parse(listing)),
    digestOf,
};
