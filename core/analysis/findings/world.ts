import { DEFAULT_ACTION } from "../decide";
import type { AddressRange, Family } from "../../model/addresses";
import type { DiagnosticCode } from "../../model/diagnostics";
import { parseAddressRange } from "../../model/parseAddress";
import { formatPort, mergePorts, type PortRange } from "../../model/ports";
import type { NamedTraffic } from "../../model/privateServices";
import type { Rule } from "../../model/rule";
import { TCP_FLAGS } from "../../model/tcpFlags";
import { difference, everybody } from "../addressAlgebra";
import { type Diagram, type Diagrams, NO_LEVEL } from "../diagram";
import { butNot, within } from "../operations";
import { byFamily, forAddresses, LEVEL, PROTOCOL_NUMBERS } from "../packetFields";
import { type Decider, type RuleTree, VERDICT } from "../ruleTree";
import { exampleOf, type Finding, finding, listed } from "./finding";
import { openAccepts, toPorts } from "./accepts";
import type { Share } from "./shares";

/** Who gets through to the ports of one protocol. */
export interface PortPiece extends PortRange {
    /** Asks nothing above the family. 1 where accepted. */
    readonly people: Diagram;
}

/** What new connections from the world a ruleset lets in. */
export interface World {
    readonly tree: RuleTree;
    readonly shares: readonly Share[];
    readonly pieces: Readonly<Record<"tcp" | "udp", readonly PortPiece[]>>;
    /** Is it open to more than a /8 of IPv4, or a /16 of IPv6, addresses of the internet alone counted? */
    readonly isOpen: (people: Diagram, families?: readonly Family[]) => boolean;
    /** The rules that accept some of the traffic to these ports, each with its own part. */
    readonly acceptsOf: (protocol: "tcp" | "udp", ports: readonly PortRange[]) => readonly Decider[];
}

export function worldOf(tree: RuleTree, shares: readonly Share[]): World {
    const { diagrams } = tree;
    const accepted = diagrams.map(tree.verdicts, (verdict) =>
        verdict === VERDICT.accept || verdict === VERDICT.limited ? 1 : 0,
    );
    const pieces = (protocol: "tcp" | "udp") => portPieces(diagrams, accepted, protocol);
    return {
        tree,
        shares,
        pieces: { tcp: pieces("tcp"), udp: pieces("udp") },
        isOpen: opennessOf(diagrams),
        acceptsOf: openAccepts(tree, shares),
    };
}

/** New connections over an interface that no rule names. */
function portPieces(diagrams: Diagrams, accepted: Diagram, protocol: "tcp" | "udp"): PortPiece[] {
    const ports = [
        [LEVEL.protocol, PROTOCOL_NUMBERS[protocol]],
        [LEVEL.detail, protocol === "tcp" ? TCP_FLAGS.syn : 0],
        [LEVEL.icmpCode, 0],
        [LEVEL.state, 0],
    ].reduce((at, [level, value]) => diagrams.kidAt(at, level!, value!), accepted);
    return diagrams
        .pieces(ports, LEVEL.destinationPort)
        .map(({ first, last, kid }) => ({ first, last, people: diagrams.kidAt(kid, LEVEL.interface, 0) }));
}

/** Addresses that are not of the internet (RFC 6890). */
const SPECIAL = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3
    fc00::/7 fe80::/10 ff00::/8`
    .split(/\s+/)
    .map((text): AddressRange => {
        const parsed = parseAddressRange(text);
        if ("problem" in parsed) throw new Error(parsed.problem.message);
        return parsed.range;
    });

/** The share of a family's addresses above which a source is the world. */
const MOST = { 4: 2 ** -8, 6: 2 ** -16 } as const;

function opennessOf(diagrams: Diagrams): World["isOpen"] {
    const public4And6 = difference(everybody([4, 6]), SPECIAL);
    const far = (family: Family) => forAddresses(diagrams, LEVEL.far, family, public4And6, 1);
    const internet = byFamily(diagrams, [far(4), far(6)]);
    const shares = new Map<Diagram, number>();
    /** The share of the other end's addresses that get through to the best reachable address of the server. */
    const shareOf = (diagram: Diagram): number => {
        const asks = diagrams.levelOf(diagram);
        if (diagram === 0) return 0;
        if (asks === NO_LEVEL) return 1;
        const known = shares.get(diagram);
        if (known !== undefined) return known;
        let share = 0;
        for (const { first, last, kid } of diagrams.pieces(diagram, asks)) {
            const part = (last - first + 1) / 2 ** (asks === LEVEL.sourcePort ? 16 : 32);
            if (asks < LEVEL.far) share = Math.max(share, shareOf(kid));
            else share += part * shareOf(kid);
        }
        // A client can't choose to send from few ports; a quarter is what systems draw from.
        if (asks === LEVEL.sourcePort) share = share >= 0.24 ? 1 : 0;
        shares.set(diagram, share);
        return share;
    };
    const isOpen = ([4, 6] as const).map((family) =>
        remembered((people) => {
            const kids = [people, internet].map((each) => diagrams.kidAt(each, LEVEL.family, family === 4 ? 0 : 1));
            return shareOf(diagrams.combine(within, kids[0]!, kids[1]!)) > MOST[family];
        }),
    );
    return (people, families = [4, 6]) => families.some((family) => isOpen[family === 4 ? 0 : 1]!(people));
}

/** The same is asked for many services. */
function remembered<Result>(answer: (diagram: Diagram) => Result): (diagram: Diagram) => Result {
    const answers = new Map<Diagram, Result>();
    return (diagram) => {
        const before = answers.get(diagram);
        if (before !== undefined) return before;
        const found = answer(diagram);
        answers.set(diagram, found);
        return found;
    };
}

/** Open traffic of some services, by the rule that opens it (by itself, else together with others). */
export interface Opening {
    readonly rule: string;
    readonly blame: readonly string[];
    readonly services: readonly NamedTraffic[];
    readonly packets: Diagram;
}

export function openingsOf(world: World, services: readonly NamedTraffic[], wanted = anyRule): Opening[] {
    const { pieces, isOpen } = world;
    const byRule = new Map<string, { blame: string[]; services: NamedTraffic[]; packets: Diagram }>();
    for (const service of services) {
        const open = service.ports.flatMap((range) =>
            piecesIn(pieces[service.protocol], range)
                .filter(({ people }) => isOpen(people))
                .map(({ first, last }) => ({ first: Math.max(first, range.first), last: Math.min(last, range.last) })),
        );
        if (open.length === 0) continue;
        const ports = mergePorts(open);
        const openers = openersOf(world, service.protocol, ports, ports[0]!.first < DYNAMIC ? wanted : namesIt);
        const [first] = openers;
        if (!first) continue;
        const group = byRule.get(first.rule) ?? { blame: [], services: [], packets: first.packets };
        byRule.set(first.rule, group);
        group.services.push({ ...service, ports });
        group.blame = [...new Set([...group.blame, ...openers.map(({ rule }) => rule)])];
    }
    return [...byRule].map(([rule, group]) => ({ rule, ...group }));
}

/** Those that hold some port of a range. */
export function piecesIn(pieces: readonly PortPiece[], { first, last }: PortRange): readonly PortPiece[] {
    let [low, high] = [0, pieces.length - 1];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (pieces[middle]!.last < first) low = middle + 1;
        else high = middle;
    }
    let end = low;
    while (end < pieces.length && pieces[end]!.first <= last) end++;
    return pieces.slice(low, end);
}

export type Wanted = (rule: Rule, service: { readonly ports: readonly PortRange[] }) => boolean;
const anyRule: Wanted = () => true;

/** Of a rule for thousands of ports nobody can say that it means one of them. */
const WIDEST = 32;

export const namesIt: Wanted = ({ to }, { ports: [port] }) =>
    to.ports?.ranges.some(
        ({ first, last }) => last - first < WIDEST && port !== undefined && first <= port.first && port.first <= last,
    ) ?? false;

/** From here up ports are nobody's (RFC 6335), so that a range, such as that of passive FTP, need not mean a service. */
const DYNAMIC = 49152;

/** Accepts of this traffic that are open to the world by themselves; where none is, all of them. */
function openersOf(world: World, protocol: "tcp" | "udp", ports: readonly PortRange[], wanted: Wanted) {
    const { tree, isOpen } = world;
    const { diagrams, root, otherwise } = tree;
    const all = world
        .acceptsOf(protocol, ports)
        .filter(({ index }) => wanted(tree.rules[index]!.rule, { ports }))
        .map(({ index, packets }) => {
            const { key, rule } = tree.rules[index]!;
            const isOpenTo = () => isOpen(diagrams.kidAt(diagrams.from(packets, LEVEL.interface), LEVEL.interface, 0));
            return { rule: key, packets, open: !namesFewSources(rule) && isOpenTo() };
        });
    if (otherwise === VERDICT.accept && wanted === anyRule) {
        const others = diagrams.combine(butNot, toPorts(tree, protocol, ports), root?.may ?? 0);
        if (others !== 0) all.push({ rule: DEFAULT_ACTION, packets: others, open: true });
    }
    const open = all.filter((each) => each.open);
    return open.length > 0 ? open : all;
}

/** What it lists is not the world, whatever of that it takes: told from the list, which is faster than from its packets. */
function namesFewSources({ from: { addresses } }: Rule): boolean {
    if (addresses.kind === "anywhere" || addresses.unknown || addresses.sets.length > 0) return false;
    const share = { 4: 0, 6: 0 };
    for (const { family, first, last } of addresses.ranges)
        share[family] += Number(last - first + 1n) / 2 ** (family === 4 ? 32 : 128);
    return share[4] <= MOST[4] && share[6] <= MOST[6];
}

/** `mysql (tcp 3306), redis (tcp 6379)`. */
export function servicesText(services: readonly NamedTraffic[]): string {
    return listed(
        services.map(({ name, protocol, ports }) => `${name} (${protocol} ${ports.map(formatPort).join(", ")})`),
    );
}

type ServicesCode = Extract<DiagnosticCode, "VF220" | "VF221" | "VF222" | "VF224" | "VF225">;

/** One finding for each rule that opens some of the services to the world. */
export function openServices(world: World, code: ServicesCode, services: readonly NamedTraffic[]): Finding[] {
    return openingsOf(world, services).map(({ rule, blame, services: open, packets }) => {
        const { packet, example } = exampleOf(world.tree, packets);
        const who = rule === DEFAULT_ACTION ? `the ${rule}` : rule;
        return finding(code, rule, blame, { rule: who, services: servicesText(open), example }, packet);
    });
}
