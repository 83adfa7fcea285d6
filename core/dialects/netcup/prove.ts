import { type Diagram, type Diagrams, openDiagrams } from "../../analysis/diagram";
import { firstOf, ofFamily, oneValue, whereAll } from "../../analysis/constraints";
import { and, butNot } from "../../analysis/operations";
import { lastOf, LEVEL, PROTOCOL_NUMBERS, STATES } from "../../analysis/packetFields";
import { VERDICT } from "../../analysis/verdicts";
import { openWitness } from "../../analysis/witness";
import type { Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import type { TranslationDifference } from "../dialect";
import { interpret } from "./interpret/interpret";
import { type Meaning, meaningOf } from "./meaning";
import { type AttachedPolicy, type PanelReading, READINGS } from "./rule";

/** A second or two: a panel may hold whatever it likes. */
const MOST_WORK = 8_000_000;

/**
 * A packet for which policies of netcup do not mean our policy, or undefined: they mean it. The policy must be wholly known.
 *
 * To mean it is, in every reading of what the vendor leaves open, of TCP, UDP, ICMP in IPv4 and ICMPv6 in IPv6:
 *
 * - a new packet that the policy accepts is accepted;
 * - a new packet that is accepted is one that the policy accepts, with all types of ICMP where it accepts some, or one of the
 *   named replies: packets that look like an answer to what an accept rule of the other direction matches (one that decides
 *   something), and that no rule of their own direction drops. No more than that comes through;
 * - the answer to a packet that an accept rule decides passes, unless a rule of its own direction drops it. Those of TCP are
 *   tracked where the server asked, and are asked of the rules where a client did. Answers to what is accepted by default, and
 *   to rules that name neither ports nor other ends, pass by luck only: a rule for them would open the whole direction.
 *
 * Other protocols are left out, as no rule can name them; so are packets about open connections (state `related`), which the
 * panel does not promise to let through.
 *
 * @throws UnreadableRuleset, TooMuchWork
 */
export function prove(policies: readonly AttachedPolicy[], policy: Policy): TranslationDifference | undefined {
    const diagrams = openDiagrams(lastOf, MOST_WORK);
    const meaning = meaningOf(diagrams, policy);
    const hasCopied = policies.some(({ copied }) => copied);
    // Where only one kind of policies is there, it does not matter which comes first.
    const readings = READINGS.filter(({ copiedFirst }) => copiedFirst || hasCopied);
    for (const direction of ["ingress", "egress"] as const)
        for (const reading of readings) {
            const done = accepts(diagrams, interpret(diagrams, policies, direction, reading));
            const difference = differenceIn(diagrams, direction, meaning[direction], done);
            if (difference) return { ...difference, conditions: conditionsOf(reading, hasCopied) };
        }
    return undefined;
}

function differenceIn(
    diagrams: Diagrams,
    direction: Direction,
    { wanted, allowed, answers, rejected }: Meaning,
    done: Diagram,
): Omit<TranslationDifference, "conditions"> | undefined {
    const ofNew = inState(diagrams, "new");
    const inReply = inState(diagrams, "established");
    const all = (...sets: Diagram[]) => sets.reduce((a, b) => diagrams.combine(and, a, b), named(diagrams));
    const found = [
        { packets: diagrams.combine(butNot, all(ofNew, wanted), done), meant: "accept", done: "drop" },
        { packets: diagrams.combine(butNot, all(ofNew, done), allowed), meant: "drop", done: "accept" },
        { packets: diagrams.combine(butNot, all(inReply, answers), done), meant: "accept", done: "drop" },
        { packets: all(ofNew, rejected), meant: "reject", done: "drop" },
    ].find(({ packets }) => packets !== 0);
    if (!found) return undefined;
    const packet = openWitness(diagrams, direction)(found.packets)!;
    return { direction, packet, meant: found.meant, done: found.done };
}

function accepts(diagrams: Diagrams, verdicts: Diagram): Diagram {
    return diagrams.map(verdicts, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
}

function inState(diagrams: Diagrams, state: (typeof STATES)[number]): Diagram {
    return whereAll(diagrams, [oneValue(LEVEL.state, STATES.indexOf(state))], 1);
}

/** The packets that rules can name. */
function named(diagrams: Diagrams): Diagram {
    const { tcp, udp, icmp, icmpv6 } = PROTOCOL_NUMBERS;
    return firstOf(diagrams, [
        whereAll(diagrams, [oneValue(LEVEL.protocol, tcp)], 1),
        whereAll(diagrams, [oneValue(LEVEL.protocol, udp)], 1),
        whereAll(diagrams, [oneValue(LEVEL.protocol, icmp), ofFamily(4)], 1),
        whereAll(diagrams, [oneValue(LEVEL.protocol, icmpv6), ofFamily(6)], 1),
    ]);
}

function conditionsOf({ dropsFlip, tracksIncoming, copiedFirst }: PanelReading, hasCopied: boolean): string[] {
    return [
        dropsFlip ? "rules that only drop make drop the default" : "rules that only drop leave the default as it is",
        tracksIncoming ? "TCP is tracked both ways" : "TCP is tracked only where the server asked",
        ...(hasCopied ? [`netcup's own policies are asked ${copiedFirst ? "first" : "last"}`] : []),
    ];
}
