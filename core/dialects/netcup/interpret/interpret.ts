import { firstOf, oneValue, whereAll } from "../../../analysis/constraints";
import type { Diagram, Diagrams } from "../../../analysis/diagram";
import { LEVEL, STATES } from "../../../analysis/packetFields";
import { VERDICT, withVerdict } from "../../../analysis/verdicts";
import type { Direction } from "../../../model/rule";
import { UnreadableRuleset } from "../../unreadable";
import type { AttachedPolicy, FirewallRule, PanelReading } from "../rule";
import { packetsOf } from "./readRule";

/**
 * What the policies of an interface do with every packet of a direction, `VERDICT.accept` or `VERDICT.drop`: replies of
 * tracked TCP connections (state `established`) pass, else the first rule that matches decides, policy by policy (first
 * netcup's own or first the user's), else the implicit rule. UDP and ICMP are not tracked: their state says nothing.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function interpret(
    diagrams: Diagrams,
    policies: readonly AttachedPolicy[],
    direction: Direction,
    reading: PanelReading,
): Diagram {
    const [copied, own] = [true, false].map((kind) => policies.filter((policy) => policy.copied === kind));
    const inOrder = reading.copiedFirst ? [...copied!, ...own!] : [...own!, ...copied!];
    const rules = inOrder.flatMap((policy) => policy.rules).filter(isIn(direction));
    const verdicts = rules.map((rule) => withVerdict(diagrams, packetsOf(diagrams, rule), actionOf(rule)));
    const implicit = implicitRule(policies, direction, reading) === "ACCEPT_ALL" ? VERDICT.accept : VERDICT.drop;
    return firstOf(diagrams, [tracked(diagrams, direction, reading), ...verdicts, implicit]);
}

/** What the panel calls the default of a direction, which nobody sets: rules make it. */
export type ImplicitRule = "ACCEPT_ALL" | "DROP_ALL";

/** The panel's `ingressImplicitRule` or `egressImplicitRule`: drop once a policy that is not netcup's own has a rule there. */
export function implicitRule(
    policies: readonly AttachedPolicy[],
    direction: Direction,
    { dropsFlip }: PanelReading,
): ImplicitRule {
    const own = policies.flatMap(({ copied, rules }) => (copied ? [] : rules)).filter(isIn(direction));
    return own.some(({ action }) => dropsFlip || action === "ACCEPT") ? "DROP_ALL" : "ACCEPT_ALL";
}

function isIn(direction: Direction): (rule: FirewallRule) => boolean {
    return (rule) => {
        if (rule.direction !== "INGRESS" && rule.direction !== "EGRESS")
            throw new UnreadableRuleset(`there is no direction ${JSON.stringify(rule.direction)}`);
        return (rule.direction === "INGRESS") === (direction === "ingress");
    };
}

function actionOf({ action }: FirewallRule): number {
    if (action === "ACCEPT") return VERDICT.accept;
    if (action === "DROP") return VERDICT.drop;
    throw new UnreadableRuleset(`there is no action ${JSON.stringify(action)}`);
}

/** Replies to what the server opened come in; whether those to what clients opened leave by themselves is open. */
function tracked(diagrams: Diagrams, direction: Direction, { tracksIncoming }: PanelReading): Diagram {
    if (direction === "egress" && !tracksIncoming) return 0;
    const replies = [oneValue(LEVEL.protocol, 6), oneValue(LEVEL.state, STATES.indexOf("established"))];
    return whereAll(diagrams, replies, VERDICT.accept);
}
