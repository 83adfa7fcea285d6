import { everybody, intersection, sameSpace } from "../../analysis/addressAlgebra";
import { type Diagram, openDiagrams, TooMuchWork } from "../../analysis/diagram";
import { spaceOf } from "../../analysis/end";
import { matchSets } from "../../analysis/matchSets";
import { butNot, orElse } from "../../analysis/operations";
import { lastOf } from "../../analysis/packetFields";
import { icmpMessage, type IcmpProtocol } from "../../model/icmpTypes";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Addresses, Direction, ProtocolMatch, Rule } from "../../model/rule";

/** A rule that lets replies through, in the words of the model. */
export interface Reply {
    /** The rule whose packets are answered. */
    readonly of: KeyedRule;
    readonly rule: Rule;
}

/** About a second. */
const MOST_WORK = 4_000_000;

/**
 * Rules for the replies that nothing else lets through in a direction whose default is drop: those to what rules of the other
 * direction accept. netcup tracks neither UDP nor (as far as it says) ICMP; TCP for certain only where the server asked, so
 * that only what leaves needs a rule. They stand behind the direction's own rules: what a rule drops stays dropped.
 */
export function repliesIn(direction: Direction, policy: Policy): Reply[] {
    const found = answersIn(direction, policy);
    return found.length === 0 ? [] : withoutNeedless(found, direction, policy);
}

/** All answers to what rules of the other direction accept, as rules of this one, whether these are needed or not. */
export function answersIn(direction: Direction, policy: Policy): Reply[] {
    return answersWhere(direction, policy, (rule, match) => isAnswered(rule, match, policy));
}

/** Those for which there is no rule, since it would open the whole direction. */
export function unansweredIn(direction: Direction, policy: Policy): Reply[] {
    return answersWhere(direction, policy, (rule, match) => !match.types && !isAnswered(rule, match, policy));
}

type IsWanted = (rule: Rule, match: ProtocolMatch) => boolean;

function answersWhere(direction: Direction, { rules }: Policy, isWanted: IsWanted): Reply[] {
    return rules.flatMap((of): Reply[] => {
        const rule = of.rule.direction === direction ? undefined : answerTo(of.rule, isWanted);
        return rule ? [{ of, rule }] : [];
    });
}

/** Can the replies to a rule's packets be told from everything else? Else a rule for them would open the whole direction. */
function isAnswered(rule: Rule, { protocol, types }: ProtocolMatch, { sets }: Policy): boolean {
    const { direction, from, to } = rule;
    const far = direction === "ingress" ? from.addresses : to.addresses;
    const namesEnd = namesSome(far, sets) || from.ports !== undefined || to.ports !== undefined;
    if (protocol === "icmp" || protocol === "icmpv6") return !types || types.some((type) => isRequest(protocol, type));
    return namesEnd && typeof protocol !== "number";
}

/** A list, and not every address of a family. */
function namesSome(addresses: Addresses, sets: Policy["sets"]): boolean {
    if (addresses.kind === "anywhere") return false;
    const space = spaceOf(addresses, sets);
    return everybody([4, 6]).every((all) => intersection([all], space).every((some) => !sameSpace([some], [all])));
}

/** Messages that ask for an answer: echo, timestamp, information and address mask; in ICMPv6 echo and node information. */
const REQUESTS: Readonly<Record<IcmpProtocol, readonly number[]>> = { icmp: [8, 13, 15, 17], icmpv6: [128, 139] };

function isRequest(protocol: IcmpProtocol, type: string): boolean {
    const message = icmpMessage(protocol, type);
    return message !== undefined && REQUESTS[protocol].includes(message.type);
}

/** Where the request went, from there and to where it came from. */
function answerTo(rule: Rule, isWanted: IsWanted): Rule | undefined {
    const { direction, action, from, to } = rule;
    if (action !== "accept") return undefined;
    const answered = rule.matches.filter((match) => isWanted(rule, match)).map(({ protocol }) => protocol);
    const leaves = direction === "ingress";
    const protocols = answered.includes("any") ? (["tcp", "udp", "icmp", "icmpv6"] as const) : answered;
    const matches = protocols.filter((protocol) => leaves || protocol !== "tcp").map((protocol) => ({ protocol }));
    if (matches.length === 0) return undefined;
    const { priority, enabled } = rule;
    return { direction: leaves ? "egress" : "ingress", action, matches, from: to, to: from, priority, enabled };
}

/**
 * Those to rules that decide something, and of which something is decided by no rule of the direction, nor by one of them
 * before it.
 */
function withoutNeedless(replies: readonly Reply[], direction: Direction, policy: Policy): Reply[] {
    try {
        const diagrams = openDiagrams(lastOf, MOST_WORK);
        const packetsOf = (rules: readonly KeyedRule[], way: Direction) =>
            matchSets(diagrams, { ...policy, rules }, way).map(({ key, matched }) => ({ key, matched }));
        const union = (a: Diagram, { matched }: { readonly matched: Diagram }) => diagrams.combine(orElse, a, matched);
        const deciding = new Set<string>();
        packetsOf(policy.rules, direction === "ingress" ? "egress" : "ingress").reduce((before, asking) => {
            if (diagrams.combine(butNot, asking.matched, before) !== 0) deciding.add(asking.key);
            return union(before, asking);
        }, 0);
        const asked = replies.filter(({ of: { key } }) => deciding.has(key));
        const wanted = packetsOf(
            asked.map(({ of: { key }, rule }) => ({ key, rule })),
            direction,
        );
        let decided = packetsOf(policy.rules.map(withAllTypes), direction).reduce(union, 0);
        return asked.filter((_, index) => {
            const isNeeded = diagrams.combine(butNot, wanted[index]!.matched, decided) !== 0;
            decided = union(decided, wanted[index]!);
            return isNeeded;
        });
    } catch (error) {
        // One too many does no harm.
        if (error instanceof TooMuchWork) return [...replies];
        throw error;
    }
}

/** As it is said to netcup. */
function withAllTypes({ key, rule }: KeyedRule): KeyedRule {
    return { key, rule: { ...rule, matches: rule.matches.map(({ protocol }) => ({ protocol })) } };
}
