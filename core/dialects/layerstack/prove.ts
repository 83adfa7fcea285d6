import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { differenceOfRows } from "../allowLists/proveRows";
import type { TranslationDifference } from "../dialect";
import { interpretTemplates } from "./interpret";
import type { Addressed } from "./render";
import type { LayerStackTemplate } from "./rows";

/**
 * Does a template mean the policy on a server that has no other? Undefined if so, else a packet that fares otherwise. To mean it
 * is that every new packet of TCP, UDP and ICMP, of both families, in and out, is accepted by the rows where the policy accepts
 * it, and dropped where the policy drops it (a reject is no drop).
 *
 * Nothing is claimed of other protocols, and of packets that are not new: replies pass whatever a policy says. That rows are about
 * IPv6 at all is not verified, as notes of `render` say. With `own` it is claimed of packets to and from these addresses of
 * the server alone.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function proveTemplate(
    template: LayerStackTemplate,
    policy: Policy,
    { own }: Addressed = {},
): TranslationDifference | undefined {
    const claim = { exact: [4, 6] as const, atMost: [], ...(own && { own }) };
    const difference = (direction: Direction) =>
        differenceOfRows(policy, direction, claim, (diagrams) => interpretTemplates([template], direction, diagrams));
    return difference("ingress") ?? difference("egress");
}
