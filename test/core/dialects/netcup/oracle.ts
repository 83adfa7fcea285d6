import { decide, type Packet } from "../../../../core/analysis/decide";
import { openDiagrams } from "../../../../core/analysis/diagram";
import { spaceOf } from "../../../../core/analysis/end";
import { matchSets } from "../../../../core/analysis/matchSets";
import { orElse } from "../../../../core/analysis/operations";
import { lastOf } from "../../../../core/analysis/packetFields";
import type { PanelDecision } from "../../../../core/dialects/netcup/decidePacket";
import type { AddressRange } from "../../../../core/model/addresses";
import type { KeyedRule, Policy } from "../../../../core/model/policy";

/** Types of ICMP that the random rules say, and one that none does. */
const MESSAGES: readonly (readonly [type: number, code: number])[] = [
    [8, 0],
    [128, 0],
    [11, 0],
    [3, 0],
    [1, 1],
    [200, 0],
];

/**
 * How a panel's word for one packet is against what a policy means there, or undefined. Packet by packet, with nothing but
 * `decide`: what the proof claims of all packets.
 */
export function wrongAt(policy: Policy, packet: Packet, verdict: PanelDecision["verdict"]): string | undefined {
    if (!isNamed(packet)) return undefined;
    const { state: _, ...asNew } = packet;
    const meant = decide(policy, asNew);
    const isReply = packet.state === "established";
    const [isDropped] = policy.rules.flatMap(({ key, rule }) =>
        key === meant.by && rule.action === "drop" && !matchesAll(rule, policy) ? [true] : [],
    );
    if (verdict === "drop") {
        if (!isReply) return meant.verdict === "accept" ? "an accepted packet is dropped" : undefined;
        return !isDropped && isAnswerToDecided(policy, asNew) ? "an answer is dropped" : undefined;
    }
    if (isReply || meant.verdict === "accept") return undefined;
    if (isIcmp(packet) && asMessages(asNew).some((each) => decide(policy, each).verdict === "accept")) return undefined;
    if (!isDropped && isAnswerToMatched(policy, asNew)) return undefined;
    return "what is not accepted passes";
}

function isNamed({ protocol, family }: Packet): boolean {
    return protocol === 6 || protocol === 17 || protocol === (family === 4 ? 1 : 58);
}

function isIcmp({ protocol }: Packet): boolean {
    return protocol === 1 || protocol === 58;
}

function asMessages(packet: Packet): Packet[] {
    return MESSAGES.map(([icmpType, icmpCode]) => ({ ...packet, icmpType, icmpCode }));
}

/** The packets that this one would be an answer to. */
function questionsOf(packet: Packet): Packet[] {
    const turned: Packet = {
        ...packet,
        direction: packet.direction === "ingress" ? "egress" : "ingress",
        source: packet.destination,
        destination: packet.source,
        ...(packet.sourcePort !== undefined && { destinationPort: packet.sourcePort }),
        ...(packet.destinationPort !== undefined && { sourcePort: packet.destinationPort }),
    };
    return isIcmp(packet) ? asMessages(turned) : [turned];
}

function isAnswerToDecided(policy: Policy, packet: Packet): boolean {
    return questionsOf(packet).some((question) => {
        const { by } = decide(policy, question);
        return policy.rules.some((keyed) => keyed.key === by && hasAnswers(keyed, packet, policy));
    });
}

function isAnswerToMatched(policy: Policy, packet: Packet): boolean {
    return policy.rules.some((keyed) => {
        const alone: Policy = { ...policy, rules: [keyed], defaults: { ingress: "drop", egress: "drop" } };
        return (
            decidingIn(policy).has(keyed.key) &&
            hasAnswers(keyed, packet, policy) &&
            questionsOf(packet).some((each) => decide(alone, each).verdict === "accept")
        );
    });
}

const deciding = new WeakMap<Policy, ReadonlySet<string>>();

/** The rules that decide anything: no packet shows of a rule that it decides none, so this is asked of sets. */
function decidingIn(policy: Policy): ReadonlySet<string> {
    const known = deciding.get(policy);
    if (known) return known;
    const diagrams = openDiagrams(lastOf);
    const found = new Set<string>();
    for (const direction of ["ingress", "egress"] as const)
        matchSets(diagrams, policy, direction).reduce((before, { key, matched }) => {
            const all = diagrams.combine(orElse, before, matched);
            if (all !== before) found.add(key);
            return all;
        }, 0);
    deciding.set(policy, found);
    return found;
}

/** Does a rule accept something whose answers of this protocol can be told from everything else? */
function hasAnswers({ rule }: KeyedRule, { protocol, direction }: Packet, { sets }: Policy): boolean {
    if (rule.action !== "accept" || (protocol === 6 && direction === "ingress")) return false;
    const word = { 6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6" }[protocol];
    const said = rule.matches.filter((match) => match.protocol === word);
    if (isIcmp({ protocol } as Packet) && said.length > 0)
        return said.some(({ types }) => !types || types.includes("echo-request"));
    const far = direction === "egress" ? rule.from : rule.to;
    return (
        (far.addresses.kind === "list" && !spaceOf(far.addresses, sets).some(isWhole)) ||
        !!rule.from.ports ||
        !!rule.to.ports
    );
}

function matchesAll({ matches, from, to }: KeyedRule["rule"], { sets }: Policy): boolean {
    if (matches[0]!.protocol !== "any") return false;
    return [from, to].every(({ addresses }) => spaceOf(addresses, sets).filter(isWhole).length === 2);
}

function isWhole({ first, last, family }: AddressRange): boolean {
    return first === 0n && last === 2n ** (family === 4 ? 32n : 128n) - 1n;
}
