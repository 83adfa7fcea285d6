import type { Diagram, Diagrams } from "../../analysis/diagram";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import { differenceOfRows } from "../allowLists/proveRows";
import type { TranslationDifference } from "../dialect";
import { interpretSecurityGroup, interpretVps } from "./interpret";
import type { Addressed } from "./render";
import type { VpsRow } from "./rows";
import type { SecurityGroupRule } from "./securityGroupRules";

/**
 * Do the rows mean the policy once the firewall is on? Undefined if so, else a packet that fares otherwise. To mean it is:
 *
 * - Every new packet of TCP, UDP and ICMP over IPv4, in and out, is accepted by the rows where the policy accepts it, and
 *   dropped where the policy drops it (a reject is no drop).
 * - Of the same over IPv6, which rows don't name, nothing is accepted that the policy does not accept.
 *
 * Nothing is claimed of other protocols, and of packets that are not new: replies pass whatever a policy says. Notes of `render`
 * say what that leaves out. With `own` it is claimed of packets to and from these addresses of the server alone.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function proveVpsRows(
    rows: readonly VpsRow[],
    policy: Policy,
    { own }: Addressed = {},
): TranslationDifference | undefined {
    return prove(policy, own, (direction, diagrams) => interpretVps({ enabled: true, rows }, direction, diagrams));
}

/** The same for the rules of a security group. */
export function proveSecurityGroup(
    rules: readonly SecurityGroupRule[],
    policy: Policy,
    { own }: Addressed = {},
): TranslationDifference | undefined {
    return prove(policy, own, (direction, diagrams) => interpretSecurityGroup(rules, direction, diagrams));
}

function prove(
    policy: Policy,
    own: Addressed["own"],
    doneBy: (direction: Direction, diagrams: Diagrams) => Diagram,
): TranslationDifference | undefined {
    const difference = (direction: Direction) => {
        // What leaves is free in both families.
        const claim =
            direction === "ingress"
                ? { exact: [4] as const, atMost: [6] as const }
                : { exact: [4, 6] as const, atMost: [] };
        return differenceOfRows(policy, direction, { ...claim, ...(own && { own }) }, (diagrams) =>
            doneBy(direction, diagrams),
        );
    };
    return difference("ingress") ?? difference("egress");
}
