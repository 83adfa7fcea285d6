import type { Family } from "../model/addresses";
import { icmpMessage } from "../model/icmpTypes";
import type { KeyedRule, NamedSet, Policy } from "../model/policy";
import type {
    Addresses,
    AddressList,
    Direction,
    Limit,
    Peer,
    PortList,
    Protocol,
    Rule,
    RuleState,
} from "../model/rule";
import { formatLimit } from "../model/ruleOptions";
import { listsOf } from "../model/storedPolicy";
import { type FlagForm, hasForm } from "../model/tcpFlags";
import type { AddressSpace } from "./addressAlgebra";
import type { Diagram, Diagrams } from "./diagram";
import { spaceOf } from "./end";
import type { Interfaces } from "./interfaces";
import { and, orElse } from "./operations";
import {
    byFamily,
    byValue,
    type ConditionLevels,
    forAddresses,
    forPorts,
    forValues,
    LEVEL,
    PROTOCOL_NUMBERS,
    STATES,
} from "./packetFields";

/**
 * What a rule may ask beyond the fields of a packet: is it a value that is not known yet, at this part of the packet? Is
 * there room within a rate limit (`limit 10/second burst 5`)?
 */
export type UnknownPart = "far" | "own" | "source port" | "destination port" | `limit ${string}`;

/** The values that are not known yet of one rule, and its limit, as levels of the diagram. */
export type Unknowns = ReadonlyMap<UnknownPart, readonly number[]>;

/** A rule and the packets that it matches, and what that depends on beside the fields of a packet. */
export interface RuleMatch extends KeyedRule {
    /** Where it stands in the rules of its policy. */
    readonly index: number;
    /** 1 where it matches. Asks a level for each value that is not known yet and for its limit. */
    readonly matched: Diagram;
    readonly unknowns: Unknowns;
    /** Addresses that it excepts and that are not known yet: with one of these it does not match. */
    readonly exceptions: Unknowns;
    /** The level of its limit, if it has one. */
    readonly limit: number | undefined;
}

/** What is the same for all rules that are looked at together. */
export interface MatchContext {
    readonly diagrams: Diagrams;
    readonly interfaces: Interfaces;
    readonly levelOf: ConditionLevels;
}

/** The rules of a direction, in deciding order. */
export function matchesOf(around: MatchContext, { rules, sets }: Policy, direction: Direction): RuleMatch[] {
    const byName = new Map(sets.map((set) => [set.name, set]));
    const { diagrams, interfaces, levelOf } = around;
    const found: RuleMatch[] = [];
    rules.forEach((keyed, index) => {
        if (keyed.rule.direction !== direction) return;
        const context = { diagrams, interfaces, levelOf, sets: namedBy(keyed.rule, byName) };
        found.push(matchOf(context, keyed, index));
    });
    return found;
}

/** Only what a rule names, so that a policy of many sets is not gone through for each of its rules. */
function namedBy({ from, to }: Rule, sets: ReadonlyMap<string, NamedSet>): readonly NamedSet[] {
    if (sets.size === 0) return NO_SETS;
    const lists = [...listsOf(from.addresses), ...listsOf(to.addresses)];
    return lists.flatMap((list) => list.sets.flatMap(({ name }) => sets.get(name) ?? []));
}

const NO_SETS: readonly NamedSet[] = [];

/** What is the same for all parts of a rule. */
interface Context extends MatchContext {
    readonly sets: readonly NamedSet[];
}

function matchOf(context: Context, { key, rule }: KeyedRule, index: number): RuleMatch {
    const unknowns = unknownsOf(rule, key, context);
    const exceptions = exceptionsOf(rule, key, context);
    const matched = ruleDiagram(context, rule, unknowns, exceptions);
    const limit = rule.limit && context.levelOf(limitName(rule.limit));
    return { key, rule, index, matched, unknowns, exceptions, limit };
}

/** As most rules have. */
const NONE: Unknowns = new Map();

function unknownsOf(rule: Rule, key: string, { sets, levelOf }: Context): Unknowns {
    const { limit, from, to } = rule;
    if (!limit && isSaid(from) && isSaid(to)) return NONE;
    const { own, far } = endsOf(rule);
    const inAddresses = (addresses: Addresses) =>
        addresses.kind === "anywhere" ? [] : unknownNames(addresses, key, sets);
    const inPorts = (ports: PortList | undefined) => (ports?.unknown ? [key] : []);
    const parts: [UnknownPart, string[]][] = [
        ["far", inAddresses(far)],
        ["own", inAddresses(own)],
        ["source port", inPorts(from.ports)],
        ["destination port", inPorts(to.ports)],
    ];
    const levels: [UnknownPart, number[]][] = parts
        .filter(([, values]) => values.length > 0)
        .map(([part, values]): [UnknownPart, number[]] => [part, values.map((value) => levelOf(`${part} ${value}`))]);
    if (limit) levels.push([limitName(limit), [levelOf(limitName(limit))]]);
    return new Map(levels);
}

/** Is all of it known without a look at sets? */
function isSaid({ addresses, ports }: Peer): boolean {
    return !ports?.unknown && (addresses.kind === "anywhere" || (!addresses.unknown && addresses.sets.length === 0));
}

function limitName(limit: Limit) {
    return `limit ${formatLimit(limit)}` as const;
}

/** What of a list is not known yet: sets by name, and values of the rule itself. */
function unknownNames(list: AddressList, key: string, sets: readonly NamedSet[]): string[] {
    const named = list.sets.filter(({ name }) => sets.some((set) => set.name === name && set.unknown));
    return [...named.map(({ name }) => `set ${name}`), ...(list.unknown ? [key] : [])];
}

/** A value has the same level where a rule names it and where another excepts it. */
function exceptionsOf(rule: Rule, key: string, { sets, levelOf }: Context): Unknowns {
    if (!rule.from.addresses.except && !rule.to.addresses.except) return NONE;
    const { own, far } = endsOf(rule);
    const levels = (part: "far" | "own", { except }: Addresses) =>
        except ? unknownNames(except, `${key} except`, sets).map((value) => levelOf(`${part} ${value}`)) : [];
    const parts = [["far", levels("far", far)] as const, ["own", levels("own", own)] as const];
    return new Map(parts.filter(([, found]) => found.length > 0));
}

/** The addresses of a rule, seen from the server. */
function endsOf({ direction, from, to }: Rule): { own: Addresses; far: Addresses } {
    return direction === "ingress"
        ? { own: to.addresses, far: from.addresses }
        : { own: from.addresses, far: to.addresses };
}

/** 1 where the rule matches, else 0. Built from the bottom: what has a value that is not known yet comes last. */
function ruleDiagram(context: Context, rule: Rule, open: Unknowns, exceptions: Unknowns): Diagram {
    const { diagrams } = context;
    const { own, far } = endsOf(rule);
    const ownSpace = open.has("own") ? undefined : spaceIn(context, own);
    const farSpace = open.has("far") ? undefined : spaceIn(context, far);
    const ports = open.has("source port") ? 1 : sourcePorts(diagrams, rule.from.ports, 1);
    const ofFamily = (family: Family): Diagram => {
        const peers = addresses(diagrams, LEVEL.far, family, farSpace, ports);
        return addresses(diagrams, LEVEL.own, family, ownSpace, peers);
    };
    const ipv4 = ofFamily(4);
    const ipv6 = ofFamily(6);
    const toPorts = open.has("destination port") ? undefined : rule.to.ports;
    let diagram = byProtocol(diagrams, rule, (protocol) => {
        if (protocol === "icmp") return around(context, rule, byFamily(diagrams, [ipv4, 0]), undefined);
        if (protocol === "icmpv6") return around(context, rule, byFamily(diagrams, [0, ipv6]), undefined);
        return around(context, rule, byFamily(diagrams, [ipv4, ipv6]), toPorts);
    });
    if (open.size + exceptions.size === 0) return diagram;
    for (const [part, levels] of open) {
        const values = levels.map((level) => diagrams.node(level, [0, 1], [0, 1]));
        const matching = [knownValues(context, rule, part), ...values].reduce((a, b) => diagrams.combine(orElse, a, b));
        diagram = diagrams.combine(and, diagram, matching);
    }
    for (const level of [...exceptions.values()].flat())
        diagram = diagrams.combine(and, diagram, diagrams.node(level, [0, 1], [1, 0]));
    return diagram;
}

/** What a rule asks between the protocol and the addresses. */
function around(context: Context, rule: Rule, addresses: Diagram, ports: PortList | undefined): Diagram {
    const { diagrams } = context;
    const toPorts = destinationPorts(diagrams, ports, byInterfaces(context, rule, addresses));
    return rule.states ? forStates(diagrams, rule.states, toPorts) : toPorts;
}

/** 1 where a part of a rule matches by what is known of it. */
function knownValues(context: Context, rule: Rule, part: UnknownPart): Diagram {
    const { diagrams } = context;
    if (part === "source port") return sourcePorts(diagrams, rule.from.ports, 1);
    if (part === "destination port") return destinationPorts(diagrams, rule.to.ports, 1);
    if (part !== "own" && part !== "far") return 0;
    const space = spaceIn(context, endsOf(rule)[part]);
    const ofFamily = (family: Family) => addresses(diagrams, LEVEL[part], family, space, 1);
    return byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
}

function sourcePorts(diagrams: Diagrams, ports: PortList | undefined, kid: Diagram): Diagram {
    return ports ? forPorts(diagrams, LEVEL.sourcePort, ports.ranges, kid) : kid;
}

function destinationPorts(diagrams: Diagrams, ports: PortList | undefined, kid: Diagram): Diagram {
    return ports ? forPorts(diagrams, LEVEL.destinationPort, ports.ranges, kid) : kid;
}

function byInterfaces({ diagrams, interfaces }: Context, { interfaces: patterns }: Rule, kid: Diagram): Diagram {
    if (!patterns) return kid;
    const values = new Set(patterns.flatMap((pattern) => interfaces.valuesOf(pattern)));
    return forValues(diagrams, LEVEL.interface, sorted(values), kid);
}

function forStates(diagrams: Diagrams, states: readonly RuleState[], kid: Diagram): Diagram {
    return forValues(diagrams, LEVEL.state, sorted(states.map((state) => STATES.indexOf(state))), kid);
}

const sorted = (values: Iterable<number>) => [...values].sort((a, b) => a - b);

/** Undefined: everywhere. */
function spaceIn({ sets }: Context, said: Addresses): AddressSpace | undefined {
    const isEverywhere = said.kind === "anywhere" && !said.except && said.family === undefined;
    return isEverywhere ? undefined : spaceOf(said, sets);
}

function addresses(
    diagrams: Diagrams,
    level: number,
    family: Family,
    space: AddressSpace | undefined,
    kid: Diagram,
): Diagram {
    return kid === 0 || !space ? kid : forAddresses(diagrams, level, family, space, kid);
}

function byProtocol(diagrams: Diagrams, { matches, flags }: Rule, kidOf: (protocol: Protocol) => Diagram): Diagram {
    let all = 0;
    for (const { protocol, types } of matches) {
        if (protocol === "any") return kidOf("any");
        const number = typeof protocol === "number" ? protocol : PROTOCOL_NUMBERS[protocol];
        const kid = withFlags(diagrams, flags, withTypes(diagrams, protocol, types, kidOf(protocol)));
        all = diagrams.combine(orElse, all, forValues(diagrams, LEVEL.protocol, [number], kid));
    }
    return all;
}

function withFlags(diagrams: Diagrams, forms: readonly FlagForm[] | undefined, kid: Diagram): Diagram {
    if (!forms) return kid;
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const matching = bytes.filter((byte) => forms.some((form) => hasForm(byte, form)));
    return forValues(diagrams, LEVEL.detail, matching, kid);
}

function withTypes(
    diagrams: Diagrams,
    protocol: Protocol,
    types: readonly string[] | undefined,
    kid: Diagram,
): Diagram {
    if (!types || (protocol !== "icmp" && protocol !== "icmpv6")) return kid;
    const codes = new Map<number, number[] | undefined>();
    for (const { type, code } of types.flatMap((text) => icmpMessage(protocol, text) ?? []))
        codes.set(type, code === undefined ? undefined : [...(codes.get(type) ?? []), code]);
    const kids = sorted(codes.keys()).map((type): [number, Diagram] => {
        const some = codes.get(type);
        return [type, some ? forValues(diagrams, LEVEL.icmpCode, sorted(some), kid) : kid];
    });
    return byValue(diagrams, LEVEL.detail, kids);
}
