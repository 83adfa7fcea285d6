import type { Family } from "../model/addresses";
import { NOT_KNOWN_YET } from "../model/formatRule";
import { type IcmpMessage, icmpMessageName, type IcmpProtocol } from "../model/icmpTypes";
import type { Policy } from "../model/policy";
import { formatPort } from "../model/ports";
import { formatProtocol } from "../model/protocols";
import type { Direction } from "../model/rule";
import { FLAG_KINDS } from "../model/tcpFlags";
import { type Diagram, type Diagrams, TooMuchWork } from "./diagram";
import type { Interfaces } from "./interfaces";
import { always } from "./matchSets";
import { orElse } from "./operations";
import { LEVEL, PROTOCOL_NUMBERS, STATES } from "./packetFields";
import { EVERY_PORT, numbersOf, widest } from "./pieces";
import type { UnknownValues } from "./policyDiagram";
import { type SharedSets, withRuleSets } from "./ruleSets";
import { type Apart, takeApart } from "./unknownParts";
import { VERDICT } from "./verdicts";
import { wordsByInterface } from "./wordsByInterface";

/** `"<direction> <protocol> <ports>"` -> who, in words. Two policies that mean the same have the same map. */
export type Exposure = Readonly<Record<string, string>>;

/**
 * The traffic that a policy accepts, outside the base of its dialect, as a reader would say it: exact, whatever rules
 * drop in between. Values that are not known yet are said so, and nothing is said to be closed that one of them may open.
 *
 * Cost: in proportion to the number of rules and addresses, as long as rules differ in ports or in addresses. Rules of
 * which each crosses most others in own addresses, other addresses and source ports at once multiply; what would take
 * more than some seconds reads `(not analysed)`.
 *
 * @example { "ingress tcp 22": "198.51.100.0/24", "ingress tcp 443": "anywhere except 203.0.113.0/24", "egress any": "anywhere" }
 */
export function exposure(policy: Policy): Exposure {
    if (policy.unknownRules?.length) return { "ingress any": NOT_KNOWN_YET, "egress any": NOT_KNOWN_YET };
    return withDirections([
        ["ingress", linesOfPolicy("ingress", policy)],
        ["egress", linesOfPolicy("egress", policy)],
    ]);
}

/** Some seconds, and some hundred megabytes. A host that lists rules which all cross each other must not cost more. */
const MOST_WORK = 4_500_000;

/** What stands for who, where finding out would take too long. */
export const NOT_ANALYSED = "(not analysed)";

type Lines = (readonly [key: string, who: string])[];

interface Surroundings {
    readonly diagrams: Diagrams;
    /** How the protocols fare that nobody names. */
    readonly rest: Diagram;
    readonly unknown: UnknownValues;
    /** Words for a diagram that asks no protocol, type and destination port. */
    readonly words: (apart: Apart, families?: readonly Family[]) => string;
}

function linesOfPolicy(direction: Direction, policy: Policy): Lines {
    try {
        return withRuleSets(policy, direction, MOST_WORK, linesOfDirection);
    } catch (error) {
        if (error instanceof TooMuchWork) return [["any", NOT_ANALYSED]];
        throw error;
    }
}

/** A set of packets, and how far it is known. */
export interface BoundedPackets {
    readonly diagrams: Diagrams;
    readonly interfaces: Interfaces;
    /** 1 where a packet is accepted, by conditions too that nobody knows. */
    readonly accepted: Diagram;
}

/**
 * The same where something is in the way that nobody understands: what gets through whatever that means, and what may.
 *
 * @throws TooMuchWork
 * @example { "ingress tcp 22": "198.51.100.0/24", "ingress tcp 8080": "at most anywhere", "ingress tcp 443": "at least 10.0.0.0/8, at most anywhere" }
 */
export function exposureBetween(direction: Direction, { diagrams, interfaces, accepted }: BoundedPackets): Exposure {
    const may = diagrams.map(diagrams.upTo(accepted, LEVEL.condition), (one) => 2 * one);
    // 1 where surely, 2 where perhaps.
    const packets = diagrams.combine(orElse, always(diagrams, accepted), may);
    const words: Surroundings["words"] = (apart, families = [4, 6]) => {
        const [least, most] = [1, 2].map((last) => {
            const known = diagrams.map(apart.known, (one) => (one > 0 && one <= last ? 1 : 0));
            return wordsByInterface(diagrams, { ...apart, known }, { direction, families }, interfaces);
        });
        if (least === most) return least!;
        return least === "nobody" ? `at most ${most}` : `at least ${least}, at most ${most}`;
    };
    // Whatever passes `lo` is accepted by the base, and nothing is said of it.
    const outside = interfaces.names.length > 2 ? packets : diagrams.restrict(packets, new Map([[LEVEL.interface, 0]]));
    const lines = linesByState(diagrams, outside, { unknowns: [], exceptions: NO_EXCEPTIONS }, words);
    return withDirections([[direction, lines]]);
}

const NO_EXCEPTIONS = { closing: new Map(), opening: new Map() };

function withDirections(all: readonly (readonly [Direction, Lines])[]): Exposure {
    const exposure: Record<string, string> = {};
    for (const [direction, lines] of all) for (const line of lines) exposure[`${direction} ${line[0]}`] = line[1];
    return exposure;
}

function linesOfDirection({ diagrams, interfaces, direction, decision }: SharedSets): Lines {
    const { diagram, ...unknown } = decision();
    const accepted = diagrams.map(diagram, (verdict) => (verdict === VERDICT.accept ? 1 : 0));
    const words: Surroundings["words"] = (apart, families = [4, 6]) =>
        wordsByInterface(diagrams, apart, { direction, families }, interfaces);
    return linesByState(diagrams, accepted, unknown, words);
}

/** New connections, then packets of other states where they fare otherwise. */
function linesByState(
    diagrams: Diagrams,
    accepted: Diagram,
    unknown: UnknownValues,
    words: Surroundings["words"],
): Lines {
    const asksState = diagrams.levels(accepted).has(LEVEL.state);
    const inState = (state: (typeof STATES)[number]) =>
        asksState ? diagrams.restrict(accepted, new Map([[LEVEL.state, STATES.indexOf(state)]])) : accepted;
    const usual = inState("new");
    // The base accepts what is established before any rule is asked.
    const others = (["related", "invalid", "untracked"] as const).flatMap((state): Lines => {
        const diagram = inState(state);
        if (diagram === usual) return [];
        const lines = linesOf(diagrams, diagram, unknown, words);
        const any = lines.some(([what]) => what === "any") ? [] : [["any", "nobody"] as const];
        return [...any, ...lines].map(([what, who]) => [`${what} state ${state}`, who] as const);
    });
    return [...linesOf(diagrams, usual, unknown, words), ...others];
}

function linesOf(diagrams: Diagrams, accepted: Diagram, unknown: UnknownValues, words: Surroundings["words"]): Lines {
    const protocols = diagrams.pieces(accepted, LEVEL.protocol);
    const rest = widest(protocols);
    const around = { diagrams, rest, unknown, words };
    const wordsOf = (kid: Diagram) => words(takeApart(diagrams, kid, unknown));

    const any = wordsOf(rest);
    const kidOf = (number: number) => protocols.find(({ last }) => number <= last)!.kid;
    const numbered = protocols
        .filter(({ kid }) => kid !== rest)
        .flatMap(numbersOf)
        .filter((number) => !NAMED.includes(number));
    return [
        ...(any === "nobody" ? [] : [["any", any] as const]),
        ...flagLines(kidOf(PROTOCOL_NUMBERS.tcp), around),
        ...portLines("udp", kidOf(PROTOCOL_NUMBERS.udp), around),
        ...(["icmp", "icmpv6"] as const).flatMap((name) => typeLines(name, kidOf(PROTOCOL_NUMBERS[name]), around)),
        ...numbered.map((number) => [formatProtocol(number), wordsOf(kidOf(number))] as const),
    ];
}

/** The ports of tcp as connections to them begin; then those of other packets, where they fare otherwise. */
function flagLines(diagram: Diagram, around: Surroundings): Lines {
    const { diagrams, unknown, words } = around;
    const withFlags = (byte: number) => diagrams.kidAt(diagram, LEVEL.detail, byte);
    const { syn, ...others } = FLAG_KINDS;
    const usual = withFlags(syn);
    const lines = Object.entries(others).flatMap(([kind, byte]): Lines => {
        const kid = withFlags(byte);
        if (kid === usual) return [];
        // How most ports fare first, then those that fare otherwise.
        const most = widest(diagrams.pieces(kid, LEVEL.destinationPort));
        const said = words(takeApart(diagrams, most, unknown));
        const all: Lines = [["tcp", said], ...portLines("tcp", kid, { ...around, rest: most })];
        return all.map(([what, who]) => [`${what} flags ${kind}`, who] as const);
    });
    return [...portLines("tcp", usual, around), ...lines];
}

const NAMED: readonly number[] = Object.values(PROTOCOL_NUMBERS);

function typeLines(protocol: IcmpProtocol, diagram: Diagram, around: Surroundings): Lines {
    const { diagrams, rest, unknown, words } = around;
    const types = diagrams.pieces(diagram, LEVEL.detail);
    const others = widest(types);
    const wordsOf = (kid: Diagram) => words(takeApart(diagrams, kid, unknown), [protocol === "icmp" ? 4 : 6]);
    const lines: Lines = types
        .filter(({ kid }) => kid !== others)
        .flatMap((piece) => numbersOf(piece).flatMap((type) => codeLines(type, piece.kid)));
    if (others === rest) return lines;
    return [...lines, [lines.length > 0 ? `${protocol} (other types)` : protocol, wordsOf(others)]];

    function codeLines(type: number, kid: Diagram): Lines {
        const codes = diagrams.pieces(kid, LEVEL.icmpCode);
        const otherCodes = widest(codes);
        const coded = codes
            .filter((piece) => piece.kid !== otherCodes)
            .flatMap((piece) => numbersOf(piece).map((code) => [nameOf({ type, code }), wordsOf(piece.kid)] as const));
        return [...coded, [nameOf({ type }), wordsOf(otherCodes)]];
    }

    function nameOf(message: IcmpMessage): string {
        return `${protocol} ${icmpMessageName(protocol, message)}`;
    }
}

/** The ports of a protocol in the longest intervals over which who gets through is the same. */
function portLines(protocol: "tcp" | "udp", diagram: Diagram, around: Surroundings): Lines {
    const { diagrams, rest, unknown, words } = around;
    const portLevels = unknown.unknowns.flatMap((open) => open.get("destination port") ?? []);
    const noUnknownPort = new Map(portLevels.map((level) => [level, 0]));
    /** Undefined where the port fares like any protocol that nobody names. */
    const wordsOf = (kid: Diagram): string | undefined => {
        const apart = takeApart(diagrams, kid, unknown);
        const mayClose = apart.lost.some(({ parts }) => parts.includes("destination port"));
        const known = portLevels.length === 0 ? kid : diagrams.restrict(kid, noUnknownPort);
        if (!mayClose && known === rest) return undefined;
        return words({ ...apart, gained: apart.gained.filter(({ parts }) => !parts.includes("destination port")) });
    };
    const said = new Map<Diagram, string | undefined>();
    const intervals: { first: number; last: number; who: string }[] = [];
    for (const { first, last, kid } of diagrams.pieces(diagram, LEVEL.destinationPort)) {
        if (!said.has(kid)) said.set(kid, wordsOf(kid));
        const who = said.get(kid);
        if (who === undefined) continue;
        const previous = intervals.at(-1);
        if (previous?.last === first - 1 && previous.who === who) previous.last = last;
        else intervals.push({ first: Math.max(first, EVERY_PORT.first), last, who });
    }
    const lines = intervals.map(({ first, last, who }): Lines[number] => {
        const everyPort = first === EVERY_PORT.first && last === EVERY_PORT.last;
        return [everyPort ? protocol : `${protocol} ${formatPort({ first, last })}`, who];
    });
    if (portLevels.length === 0) return lines;
    // A port that is not known yet can be any: what it opens has a line of its own.
    const gained = takeApart(diagrams, diagram, unknown)
        .gained.filter(({ parts }) => parts.includes("destination port"))
        .map((packets) => ({ ...packets, parts: packets.parts.filter((part) => part !== "destination port") }));
    if (gained.length === 0) return lines;
    return [...lines, [`${protocol} ${NOT_KNOWN_YET}`, words({ known: 0, lost: [], gained })]];
}
