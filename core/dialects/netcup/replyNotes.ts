import { type Diagram, type Diagrams, openDiagrams, TooMuchWork } from "../../analysis/diagram";
import { matchSets } from "../../analysis/matchSets";
import { and, butNot, orElse } from "../../analysis/operations";
import { forPorts, forValues, lastOf, LEVEL } from "../../analysis/packetFields";
import { openWitness } from "../../analysis/witness";
import type { KeyedRule, Policy } from "../../model/policy";
import type { Direction } from "../../model/rule";
import type { RenderedSide } from "./lines";
import type { Note } from "./notes";
import { answersIn, type Reply, unansweredIn } from "./replies";

/** About a second; what takes longer is told without a packet, or not at all where a packet would have to show it. */
const MOST_WORK = 4_000_000;

/** What rules for replies let through beside, and what is accepted whose replies don't get through. */
export function replyNotes(policy: Policy, { direction, replies }: RenderedSide): Note[] {
    return [
        ...replies.map((reply) => openedBy(reply, direction, policy)),
        ...(policy.defaults[direction] === "drop" ? unanswered(direction, policy, replies) : []),
        ...droppedByRules(direction, policy),
    ];
}

function openedBy(reply: Reply, direction: Direction, policy: Policy): Note {
    const far = direction === "ingress" ? reply.rule.from.addresses : reply.rule.to.addresses;
    const isWide = direction === "ingress" && far.kind === "anywhere";
    const way = direction === "ingress" ? "come in" : "leave";
    const [packet] = bounded((diagrams) => {
        const { matched, accepted, dropped } = setsOf(diagrams, direction, policy, [reply]);
        const opened = diagrams.combine(butNot, matched[0]!, diagrams.combine(orElse, accepted, dropped));
        // To a port where something may listen, if there is one.
        const toService = diagrams.combine(and, opened, forValues(diagrams, LEVEL.destinationPort, [161], 1));
        return [openWitness(diagrams, direction)(toService === 0 ? opened : toService)];
    });
    return {
        kind: "reply rule",
        severity: isWide ? "warning" : "note",
        key: reply.of.key,
        text:
            `a reply rule lets the answers ${way}, which netcup does not track; new packets that look like answers ` +
            `${way} too${isWide ? ", from anywhere: name the servers that are asked" : ""}`,
        ...(packet && { packet }),
    };
}

/** Of rules that accept too widely for a rule for their replies. */
function unanswered(direction: Direction, policy: Policy, replies: readonly Reply[]): Note[] {
    const all = { ...policy, rules: [...policy.rules, ...replies.map(keyed)] };
    const text =
        `answers to it are dropped by the default of ${direction}, and a rule for them would open ${direction} to all: ` +
        "name ports or addresses in it, or write a rule for the answers that are wanted";
    return lostAnswers(direction, policy, unansweredIn(direction, policy), text, (diagrams, answers) => {
        const { accepted, dropped } = setsOf(diagrams, direction, all, []);
        return diagrams.combine(butNot, answers, diagrams.combine(orElse, accepted, dropped));
    });
}

/** The ports that clients ask from, and get their answers at. */
const CLIENT_PORTS = [{ first: 1024, last: 65535 }];

/** Answers that a rule of their direction drops; of those to ports that few clients ask from nothing is told. */
function droppedByRules(direction: Direction, policy: Policy): Note[] {
    const text = `some answers to it are dropped by a rule of ${direction}, as netcup can't tell answers from new packets`;
    return lostAnswers(direction, policy, answersIn(direction, policy), text, (diagrams, answers, { rule }) => {
        const { dropped } = setsOf(diagrams, direction, policy, []);
        const lost = diagrams.combine(and, answers, dropped);
        if (rule.to.ports || rule.matches.every(({ protocol }) => protocol !== "tcp" && protocol !== "udp"))
            return lost;
        return diagrams.combine(and, lost, forPorts(diagrams, LEVEL.destinationPort, CLIENT_PORTS, 1));
    });
}

type LostOf = (diagrams: Diagrams, answers: Diagram, reply: Reply) => Diagram;

/** A warning for each of the answers of which some are lost. */
function lostAnswers(
    direction: Direction,
    policy: Policy,
    answers: readonly Reply[],
    text: string,
    lostOf: LostOf,
): Note[] {
    if (answers.length === 0) return [];
    return bounded((diagrams) => {
        const { matched } = setsOf(diagrams, direction, policy, answers);
        return answers.flatMap((reply, index): Note[] => {
            const packet = openWitness(diagrams, direction)(lostOf(diagrams, matched[index]!, reply));
            return packet ? [{ kind: "replies dropped", severity: "warning", key: reply.of.key, text, packet }] : [];
        });
    });
}

interface Sets {
    /** What each of the replies matches. */
    readonly matched: readonly Diagram[];
    /** What rules of the direction accept, and what they drop. */
    readonly accepted: Diagram;
    readonly dropped: Diagram;
}

function setsOf(diagrams: Diagrams, direction: Direction, policy: Policy, replies: readonly Reply[]): Sets {
    const found = { accept: 0, drop: 0 };
    for (const { rule, matched } of matchSets(diagrams, policy, direction)) {
        const [before, to] =
            rule.action === "accept" ? [found.drop, "accept" as const] : [found.accept, "drop" as const];
        found[to] = diagrams.combine(orElse, found[to], diagrams.combine(butNot, matched, before));
    }
    const matched = matchSets(diagrams, { ...policy, rules: replies.map(keyed) }, direction);
    return { matched: matched.map((each) => each.matched), accepted: found.accept, dropped: found.drop };
}

function keyed({ of: { key }, rule }: Reply): KeyedRule {
    return { key, rule };
}

function bounded<Item>(question: (diagrams: Diagrams) => Item[]): Item[] {
    try {
        return question(openDiagrams(lastOf, MOST_WORK));
    } catch (error) {
        if (error instanceof TooMuchWork) return [];
        throw error;
    }
}
