import type { Family } from "../model/addresses";
import { NOT_KNOWN_YET } from "../model/formatRule";
import { formatPorts } from "../model/ports";
import type { Direction } from "../model/rule";
import { accessOf, isEveryPort, type Region } from "./accessRegions";
import { type AddressSpace, everybody, ofFamilies, sameSpace, union } from "./addressAlgebra";
import type { Diagram, Diagrams } from "./diagram";
import { formatWho } from "./formatWho";
import { and } from "./operations";
import { byFamily, forAddresses, forPorts, LEVEL } from "./packetFields";
import { EVERY_PORT } from "./pieces";
import type { UnknownPart } from "./ruleMatch";
import type { Apart, UnknownPackets } from "./unknownParts";

export interface AccessOptions {
    readonly direction: Direction;
    /** Those that can occur at all. */
    readonly families: readonly Family[];
}

/**
 * Who gets through, in words, joined by `; `: first those who get to every address of the server from every port. The
 * same packets give the same words, whatever rules say so.
 *
 * @example `anywhere except 203.0.113.0/24`, `10.0.0.0/8; 11.0.0.0/8 to 192.0.2.10`, `anywhere from port 53`
 */
export function formatAccess(diagrams: Diagrams, { known, lost, gained }: Apart, options: AccessOptions): string {
    const { who, narrowed } = accessOf(diagrams, known, options.families);
    diagrams.spend([who, ...narrowed.flatMap((region) => [region.who, region.own])].reduce(sumOfCosts, 0));
    // As most are.
    if (narrowed.length + lost.length + gained.length === 0) return formatWho(who, options.families);
    const withLosses = (text: string, region: Region) =>
        [text, ...lossesOf(diagrams, region, lost, options.direction)].join(" ");
    const toEverything = (people: AddressSpace): Region => ({
        who: people,
        own: everybody(options.families),
        ports: [EVERY_PORT],
    });
    // What is taken away is said behind all of it.
    const isCut = lost.length > 0 && lossesOf(diagrams, toEverything(who), lost, options.direction).size > 0;
    const plain = (isCut ? apart(who, options.families) : [who])
        .filter((people) => people.length > 0)
        .map((people) => withLosses(formatWho(people, options.families), toEverything(people)));
    const regions = joinFamilies(narrowed).map((region) => withLosses(formatRegion(region, options), region));
    const unknown = gained.flatMap(({ parts, diagram }) => {
        const access = accessOf(diagrams, diagram, options.families);
        const everyone = apart(access.who, options.families).map(toEverything);
        return [...everyone, ...joinFamilies(access.narrowed)].map((region) => formatRegion(region, options, parts));
    });
    const isPlain = (text: string) => text === NOT_KNOWN_YET;
    const inOrder = (texts: readonly string[]) => [...new Set(texts)].sort();
    const alternatives = [
        ...plain,
        ...inOrder(unknown.filter(isPlain)),
        ...inOrder(regions),
        ...inOrder(unknown.filter((text) => !isPlain(text))),
    ];
    return alternatives.join("; ") || "nobody";
}

/** As it is, or each family by itself where "; " stands between them: words behind it would be said of the last one alone. */
function apart(who: AddressSpace, families: readonly Family[]): readonly AddressSpace[] {
    if (who.length === 0) return [];
    if (!formatWho(who, families).includes("; ")) return [who];
    return families.map((family) => ofFamilies(who, [family])).filter((some) => some.length > 0);
}

/** Words need prefixes: a range that is none takes up to two for each of its bits, and each costs more than an edge. */
function sumOfCosts(sum: number, space: AddressSpace): number {
    let all = sum;
    for (const { first, last } of space) all += costOf(last - first);
    return all;
}

function costOf(size: bigint): number {
    return size === 0n || (size & (size + 1n)) === 0n ? 1 : 12 * size.toString(2).length;
}

/** Regions of both families as one, where these words mean the same for both. */
function joinFamilies(regions: readonly Region[]): Region[] {
    const joined: Region[] = [];
    for (const region of regions) {
        const other = isWhole(region.who) ? joined.findIndex((earlier) => canJoin(earlier, region)) : -1;
        if (other < 0) joined.push(region);
        else {
            const { who, own, ports } = joined[other]!;
            joined[other] = { who: union(who, region.who), own: union(own, region.own), ports };
        }
    }
    return joined;
}

function isWhole(space: AddressSpace): boolean {
    return space.length === 1 && sameSpace(space, everybody([space[0]!.family]));
}

function canJoin(a: Region, b: Region): boolean {
    if (!isWhole(a.who) || a.who[0]!.family === b.who[0]!.family) return false;
    // "; " stands between alternatives, so it can't stand inside one.
    return formatPorts(a.ports) === formatPorts(b.ports) && !formatWho(union(a.own, b.own)).includes("; ");
}

/** A region in words; `unknown` parts are said to be not known yet, whatever the region holds there. */
function formatRegion(
    { who, own, ports }: Region,
    { direction, families }: AccessOptions,
    unknown: readonly UnknownPart[] = [],
): string {
    const is = (part: UnknownPart) => unknown.includes(part);
    const ownFamilies = families.filter((family) => ofFamilies(own, [family]).length > 0);
    const everyOwn = sameSpace(own, everybody(ownFamilies));
    const people = is("far") ? NOT_KNOWN_YET : formatWho(who, everyOwn ? families : ownFamilies);
    const place = is("own") ? NOT_KNOWN_YET : everyOwn ? "" : formatWho(own, families);
    const source = is("source port") ? NOT_KNOWN_YET : isEveryPort(ports) ? "" : formatPorts(ports);
    return [
        people,
        ...(place ? [OWN_WORD[direction], place] : []),
        ...(source ? ["from port", source] : []),
        ...unknown.filter((part) => part.startsWith("limit ")),
    ].join(" ");
}

const OWN_WORD = { ingress: "to", egress: "from" } as const;

/** What takes some packets of the region away. */
function lossesOf(
    diagrams: Diagrams,
    region: Region,
    lost: readonly UnknownPackets[],
    direction: Direction,
): ReadonlySet<string> {
    const within = lost.filter(({ diagram }) => diagrams.combine(and, diagram, regionDiagram(diagrams, region)) !== 0);
    return new Set(within.map(({ parts }) => exceptWords(parts, direction)));
}

/** As a region says them: who, to which address of the server, from which port; then limits. */
const IN_ORDER: readonly UnknownPart[] = ["far", "own", "source port", "destination port"];

function exceptWords(parts: readonly UnknownPart[], direction: Direction): string {
    const words: Readonly<Partial<Record<UnknownPart, string>>> = {
        far: "",
        own: `${OWN_WORD[direction]} `,
        "source port": "from port ",
        "destination port": "as port ",
    };
    const inOrder = [
        ...IN_ORDER.filter((part) => parts.includes(part)),
        ...parts.filter((part) => !IN_ORDER.includes(part)),
    ];
    return `except ${inOrder.map((part) => (words[part] ?? "") + NOT_KNOWN_YET).join(" ")}`;
}

function regionDiagram(diagrams: Diagrams, { who, own, ports }: Region): Diagram {
    const source = forPorts(diagrams, LEVEL.sourcePort, ports, 1);
    const ofFamily = (family: Family) =>
        forAddresses(diagrams, LEVEL.own, family, own, forAddresses(diagrams, LEVEL.far, family, who, source));
    return byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
}
