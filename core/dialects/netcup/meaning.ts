import type { Diagram, Diagrams } from "../../analysis/diagram";
import { spaceOf } from "../../analysis/end";
import { butNot, orElse } from "../../analysis/operations";
import { openRuleSets, type SharedSets } from "../../analysis/ruleSets";
import { VERDICT } from "../../analysis/verdicts";
import { type AddressRange, wholeFamily } from "../../model/addresses";
import { icmpMessage } from "../../model/icmpTypes";
import type { Policy } from "../../model/policy";
import type { Direction, ProtocolMatch, Rule } from "../../model/rule";
import { type AnsweredProtocol, answersTo } from "./answers";

/** What a policy means for one direction on a panel, as sets of packets. Prove says what each of them is for. */
export interface Meaning {
    /** New packets that the policy accepts. */
    readonly wanted: Diagram;
    /** All that may be accepted. */
    readonly allowed: Diagram;
    /** Answers that have to pass. */
    readonly answers: Diagram;
    /** What the policy answers, which no panel does. */
    readonly rejected: Diagram;
}

/** Written apart from what is rendered. */
export function meaningOf(diagrams: Diagrams, policy: Policy): Readonly<Record<Direction, Meaning>> {
    const wide = withAllTypes(policy);
    const sets = { ingress: open(policy, "ingress"), egress: open(policy, "egress") };
    const wideSets = { ingress: open(wide, "ingress"), egress: open(wide, "egress") };
    return { ingress: meaningIn("ingress", "egress"), egress: meaningIn("egress", "ingress") };

    function open(of: Policy, direction: Direction): SharedSets {
        return openRuleSets(diagrams, of, direction);
    }

    function meaningIn(direction: Direction, other: Direction): Meaning {
        const rules = decidedBy(diagrams, sets[direction]);
        // A drop of everything is a default, said as a rule.
        const dropped = rules.filter(({ rule, matched }) => rule.action !== "accept" && matched !== 1);
        const stays = unionOf(
            diagrams,
            dropped.map(({ decides }) => decides),
        );
        const askedBy = decidedBy(diagrams, sets[other]).filter(
            ({ rule, decides }) => rule.action === "accept" && decides !== 0,
        );
        const answersOf = (part: "decides" | "matched") => {
            const each = askedBy.map((asking) => answersToRule(diagrams, policy, asking.rule, asking[part]));
            return diagrams.combine(butNot, unionOf(diagrams, each), stays);
        };
        const decision = sets[direction].decision().diagram;
        return {
            wanted: diagrams.map(decision, (verdict) => (verdict === VERDICT.accept ? 1 : 0)),
            allowed: diagrams.combine(
                orElse,
                diagrams.map(wideSets[direction].decision().diagram, (verdict) => (verdict === VERDICT.accept ? 1 : 0)),
                answersOf("matched"),
            ),
            answers: answersOf("decides"),
            rejected: diagrams.map(decision, (verdict) =>
                verdict === VERDICT.accept || verdict === VERDICT.drop ? 0 : 1,
            ),
        };
    }
}

/** What an accept says of some types, said of all. */
function withAllTypes(policy: Policy): Policy {
    const isNarrow = ({ rule }: Policy["rules"][number]) =>
        rule.action === "accept" && rule.matches.some(({ types }) => types !== undefined);
    if (!policy.rules.some(isNarrow)) return policy;
    const rules = policy.rules.map((keyed) => {
        if (!isNarrow(keyed)) return keyed;
        return { ...keyed, rule: { ...keyed.rule, matches: keyed.rule.matches.map(({ protocol }) => ({ protocol })) } };
    });
    return { ...policy, rules };
}

interface Decided {
    readonly rule: Rule;
    readonly matched: Diagram;
    /** Of what it matches, what no rule before it does. */
    readonly decides: Diagram;
}

function decidedBy(diagrams: Diagrams, { rules }: SharedSets): Decided[] {
    let before = 0;
    return rules.map(({ rule, matched }) => {
        const decides = diagrams.combine(butNot, matched, before);
        before = diagrams.combine(orElse, before, matched);
        return { rule, matched, decides };
    });
}

/** The answers to some packets of a rule, by its protocols. */
function answersToRule(diagrams: Diagrams, { sets }: Policy, rule: Rule, packets: Diagram): Diagram {
    const far = rule.direction === "ingress" ? rule.from : rule.to;
    const isNarrow =
        (far.addresses.kind === "list" && !spaceOf(far.addresses, sets).some(isFamily)) ||
        [rule.from, rule.to].some(({ ports }) => ports !== undefined);
    const protocols = rule.matches.flatMap((match) => answeredBy(match, isNarrow, rule.direction));
    return unionOf(
        diagrams,
        protocols.map((protocol) => answersTo(diagrams, packets, protocol)),
    );
}

function isFamily({ family, first, last }: AddressRange): boolean {
    return first === 0n && last === wholeFamily(family).last;
}

/** Replies to what the server asks over TCP need no rule, and none may come in as such. */
function answeredBy({ protocol, types }: ProtocolMatch, isNarrow: boolean, direction: Direction): AnsweredProtocol[] {
    const tcp: AnsweredProtocol[] = direction === "ingress" ? ["tcp"] : [];
    switch (protocol) {
        case "any":
            return isNarrow ? [...tcp, "udp", "icmp", "icmpv6"] : [];
        case "tcp":
            return isNarrow ? tcp : [];
        case "udp":
            return isNarrow ? ["udp"] : [];
        case "icmp":
        case "icmpv6": {
            const asking = protocol === "icmp" ? [8, 13, 15, 17] : [128, 139];
            const said = types?.flatMap((text) => icmpMessage(protocol, text)?.type ?? []);
            return !said || said.some((type) => asking.includes(type)) ? [protocol] : [];
        }
        default:
            return [];
    }
}

function unionOf(diagrams: Diagrams, list: readonly Diagram[]): Diagram {
    return list.reduce((a, b) => diagrams.combine(orElse, a, b), 0);
}
