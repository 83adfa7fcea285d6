import type { Family } from "../../model/addresses";
import { inOrderOf, normalMatches, normalPorts } from "../../model/normalRule";
import type { PortRange } from "../../model/ports";
import {
    type Addresses,
    DEFAULT_PRIORITY,
    type Direction,
    type Peer,
    type Protocol,
    type Rule,
    ruleStates,
} from "../../model/rule";
import { flagForms } from "../../model/tcpFlags";
import { distinct, identity } from "./distinct";
import { familyOfEnd, gatherEnds, readEnds, type ReadSet } from "./foldEnds";
import { type LimitsOf, readLimit, readLog } from "./foldLimits";
import type { Clause, EndPart, Limiter } from "./readRule";

/**
 * The one rule that these clauses say together, or undefined if there is none: a half is missing, or they differ in more than
 * a rule can say. Interfaces, sources, destinations, protocols, flags and the families of a limit must stand in every
 * combination that a packet can meet, each once; and what is logged must be what is decided.
 */
export function foldRule(
    clauses: readonly Clause[],
    direction: Direction,
    sets: readonly ReadSet[],
    limits?: LimitsOf,
): Rule | undefined {
    const logs = clauses.filter(({ log }) => log);
    const acting = clauses.filter(({ log }) => !log);
    const first = acting[0];
    const action = first?.action;
    if (!first || !action || acting.some((each) => each.action !== action)) return undefined;
    const notes = acting.filter(({ note }) => note);
    const live = acting.filter(({ note }) => !note);
    const from = gatherEnds(acting, "from");
    const to = gatherEnds(acting, "to");
    const protocols = gatherProtocols(acting);
    if (distinct(notes).length < notes.length || !isEveryCombination(live, from.live, to.live, protocols))
        return undefined;
    const withPorts = acting.filter(({ note, protocols }) => !note || protocols);
    const sourcePorts = agreed(withPorts.map((clause) => clause.sourcePorts));
    const destinationPorts = agreed(withPorts.map((clause) => clause.destinationPorts));
    // Where no packet can meet the rule, notes say what it says.
    const telling = live.length > 0 ? live : notes;
    const [answer, ...otherAnswers] = distinct(acting.flatMap((clause) => clause.answer ?? []));
    if (otherAnswers.length > 0 || live.some((clause) => clause.answer !== answer)) return undefined;
    const told = <Key extends "states" | "limiter">(key: Key) =>
        live.length > 0 ? live : notes.filter((note) => note[key]);
    const states = agreed(told("states").map((clause) => clause.states));
    const source = readEnds(from, sets);
    const destination = readEnds(to, sets);
    const limited = readLimit(told("limiter"), limits);
    const logged = readLog(logs, live, limits);
    if (!sourcePorts || !destinationPorts || !states || !source || !destination || !limited || !logged)
        return undefined;
    const matches = protocols.flatMap(({ protocols, icmpTypes }) =>
        (protocols ?? (["any"] as const)).map((protocol: Protocol) => ({
            protocol,
            ...(icmpTypes && { types: icmpTypes }),
        })),
    );
    const interfaces = [...new Set(telling.flatMap((clause) => clause.interfaces ?? []))].sort();
    const flags = telling.flatMap((clause) => clause.flags ?? []);
    return {
        direction,
        action,
        matches: normalMatches(matches),
        from: peer(source, sourcePorts.value),
        to: peer(destination, destinationPorts.value),
        ...(interfaces.length > 0 && { interfaces }),
        ...(states.value && { states: inOrderOf(ruleStates, states.value) }),
        ...(flags.length > 0 && { flags: inOrderOf(flagForms, flags) }),
        ...limited,
        ...logged,
        ...(answer && { answer }),
        priority: DEFAULT_PRIORITY,
        enabled: true,
    };
}

type ProtocolPart = Pick<Clause, "protocols" | "icmpTypes">;

function gatherProtocols(clauses: readonly Clause[]): ProtocolPart[] {
    const said = clauses.filter((clause) => !clause.note || clause.protocols !== undefined).map(protocolPart);
    return said.length === 0 ? [{}] : distinct(said);
}

function protocolPart({ protocols, icmpTypes }: Clause): ProtocolPart {
    return { ...(protocols && { protocols }), ...(icmpTypes && { icmpTypes }) };
}

function isEveryCombination(
    live: readonly Clause[],
    from: readonly EndPart[],
    to: readonly EndPart[],
    protocols: readonly ProtocolPart[],
): boolean {
    const expected = new Set<string>();
    const any: EndPart = { said: { kind: "any" }, not: [] };
    const interfaces = distinct(live.map((clause) => clause.interfaces ?? null));
    const flags = distinct(live.map((clause) => clause.flags ?? null));
    const limiters = limiterParts(live);
    for (const source of from.length ? from : [any])
        for (const destination of to.length ? to : [any])
            for (const protocol of protocols)
                for (const limiter of limiters) {
                    const families = [
                        familyOfEnd(source),
                        familyOfEnd(destination),
                        familyOfProtocol(protocol),
                        limiter?.kind === "sources" ? limiter.family : undefined,
                    ];
                    if (new Set(families.filter((family) => family !== undefined)).size > 1) continue;
                    for (const device of interfaces)
                        for (const form of flags)
                            expected.add(identity([source, destination, protocol, device, form, limiter]));
                }
    const found = live.map(({ from, to, interfaces = null, flags = null, limiter = null, ...clause }) =>
        identity([from, to, protocolPart(clause as Clause), interfaces, flags, limiter]),
    );
    return (
        found.length === expected.size &&
        new Set(found).size === found.length &&
        found.every((combination) => expected.has(combination))
    );
}

/** The limits of the clauses; one for each source has a half for each family. */
function limiterParts(live: readonly Clause[]): (Limiter | null)[] {
    const found = distinct(live.map(({ limiter }) => limiter ?? null));
    const [first] = found;
    if (first?.kind !== "sources") return found;
    return ([4, 6] as const).map((family) => ({ ...first, family, set: first.set.replace(/[46]$/, `${family}`) }));
}

function familyOfProtocol({ protocols }: ProtocolPart): Family | undefined {
    if (protocols?.includes("icmp")) return 4;
    return protocols?.includes("icmpv6") ? 6 : undefined;
}

/** The one value that all clauses have, if they agree. */
function agreed<Value>(values: readonly (Value | undefined)[]): { readonly value: Value | undefined } | undefined {
    return distinct(values.map((value) => value ?? null)).length > 1 ? undefined : { value: values[0] };
}

function peer(addresses: Addresses, ports: readonly PortRange[] | undefined): Peer {
    return ports ? { addresses, ports: normalPorts({ ranges: ports, unknown: false }) } : { addresses };
}
