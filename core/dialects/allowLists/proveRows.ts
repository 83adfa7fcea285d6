import { type Constraint, firstOf, ofFamily, oneValue, whereAll } from "../../analysis/constraints";
import { type Diagram, type Diagrams, openDiagrams } from "../../analysis/diagram";
import { and, orElse, within } from "../../analysis/operations";
import { lastOf, LEVEL, PROTOCOL_NUMBERS, STATES } from "../../analysis/packetFields";
import { openRuleSets } from "../../analysis/ruleSets";
import type { AddressRange, Family } from "../../model/addresses";
import { mergeRanges } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import type { TranslationDifference } from "../dialect";
import { differenceBetween, VERDICT } from "../meaning";

/** For which packets a list of rows is held to a policy. */
export interface Claim {
    /** Rows and policy must do the same with these. */
    readonly exact: readonly Family[];
    /** Rows can't name these, so they must not allow what the policy does not. */
    readonly atMost: readonly Family[];
    /** Packets have these addresses at the server's end; absent: any. */
    readonly own?: readonly AddressRange[];
}

/** A second or two. */
const MOST_WORK = 4_000_000;

/**
 * A packet of the claim that fares otherwise by rows than by the policy; undefined: there is none. Asked are new packets of TCP,
 * UDP and ICMP, which are all that rows can name. `doneBy` gives what rows do with every packet: accept or drop.
 *
 * @throws TooMuchWork
 */
export function differenceOfRows(
    policy: Policy,
    direction: Direction,
    claim: Claim,
    doneBy: (diagrams: Diagrams) => Diagram,
): TranslationDifference | undefined {
    const sets = openRuleSets(openDiagrams(lastOf, MOST_WORK), policy, direction);
    const { diagrams } = sets;
    const done = doneBy(diagrams);
    const accepted = diagrams.map(done, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
    const claimed = diagrams.combine(
        orElse,
        packetsOf(diagrams, claim.exact, claim.own),
        diagrams.combine(and, packetsOf(diagrams, claim.atMost, claim.own), accepted),
    );
    const asked = (verdicts: Diagram) => diagrams.combine(within, verdicts, claimed);
    return differenceBetween(sets, asked(sets.decision().diagram), asked(done));
}

/** New packets of the families, of the protocols that rows can name. */
function packetsOf(diagrams: Diagrams, families: readonly Family[], own?: readonly AddressRange[]): Diagram {
    const { tcp, udp, icmp, icmpv6 } = PROTOCOL_NUMBERS;
    const some = families.flatMap((family) =>
        [tcp, udp, family === 4 ? icmp : icmpv6].map((protocol) =>
            whereAll(
                diagrams,
                [
                    ofFamily(family),
                    oneValue(LEVEL.protocol, protocol),
                    oneValue(LEVEL.state, STATES.indexOf("new")),
                    ...(own ? [ownAddresses(family, own)] : []),
                ],
                1,
            ),
        ),
    );
    return firstOf(diagrams, some);
}

function ownAddresses(family: Family, own: readonly AddressRange[]): Constraint {
    const ranges = mergeRanges(own).filter((range) => range.family === family);
    return { kind: "addresses", level: LEVEL.own, family, ranges };
}
