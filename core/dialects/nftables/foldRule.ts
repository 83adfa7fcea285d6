import type { Family } from "../../model/addresses";
import { normalAddresses, normalMatches, normalPorts } from "../../model/normalRule";
import type { NamedSet } from "../../model/policy";
import type { PortRange } from "../../model/ports";
import {
    type Addresses,
    DEFAULT_PRIORITY,
    type Direction,
    type Peer,
    type Protocol,
    type Rule,
    type SetReference,
} from "../../model/rule";
import type { AddressPart, Clause } from "./readRule";

/** A set of the listing under its identifiers, one for each family. */
export interface ReadSet {
    readonly set: NamedSet;
    /** How a line refers to it: worked out once, since sets can be long. */
    readonly reference: SetReference;
    readonly identifiers: Readonly<Partial<Record<Family, string>>>;
}

/**
 * The one rule that these clauses say together, or undefined if there is none: a half is missing, or they differ in more than
 * a rule can say. Sources, destinations and protocols must stand in every combination that a packet can meet, each once.
 */
export function foldRule(clauses: readonly Clause[], direction: Direction, sets: readonly ReadSet[]): Rule | undefined {
    const first = clauses[0];
    if (!first || clauses.some(({ action }) => action !== first.action)) return undefined;
    const from = gather(clauses, "from");
    const to = gather(clauses, "to");
    const protocols = gatherProtocols(clauses);
    const notes = clauses.filter(({ note }) => note);
    const live = clauses.filter(({ note }) => !note);
    if (distinct(notes).length < notes.length || !isEveryCombination(live, from, to, protocols)) return undefined;
    const withPorts = clauses.filter(({ note, protocols }) => !note || protocols);
    const sourcePorts = agreed(withPorts.map((clause) => clause.sourcePorts));
    const destinationPorts = agreed(withPorts.map((clause) => clause.destinationPorts));
    const source = readAddresses(from, sets);
    const destination = readAddresses(to, sets);
    if (!sourcePorts || !destinationPorts || !source || !destination) return undefined;
    const matches = protocols.flatMap(({ protocols, icmpTypes }) =>
        (protocols ?? (["any"] as const)).map((protocol: Protocol) => ({
            protocol,
            ...(icmpTypes && { types: icmpTypes }),
        })),
    );
    return {
        direction,
        action: first.action,
        matches: normalMatches(matches),
        from: peer(source, sourcePorts.ports),
        to: peer(destination, destinationPorts.ports),
        priority: DEFAULT_PRIORITY,
        enabled: true,
    };
}

type ProtocolPart = Pick<Clause, "protocols" | "icmpTypes">;

/** The different parts at one end. What a note leaves out it does not say. */
function gather(clauses: readonly Clause[], end: "from" | "to"): AddressPart[] {
    return distinct(
        clauses.filter((clause) => !clause.note || clause[end].kind !== "any").map((clause) => clause[end]),
    );
}

function gatherProtocols(clauses: readonly Clause[]): ProtocolPart[] {
    const said = clauses.filter((clause) => !clause.note || clause.protocols !== undefined).map(protocolPart);
    return said.length === 0 ? [{}] : distinct(said);
}

function protocolPart({ protocols, icmpTypes }: Clause): ProtocolPart {
    return { ...(protocols && { protocols }), ...(icmpTypes && { icmpTypes }) };
}

function isEveryCombination(
    live: readonly Clause[],
    from: readonly AddressPart[],
    to: readonly AddressPart[],
    protocols: readonly ProtocolPart[],
): boolean {
    const expected = new Set<string>();
    for (const source of from.length ? from : [{ kind: "any" } as const])
        for (const destination of to.length ? to : [{ kind: "any" } as const])
            for (const protocol of protocols) {
                const families = [
                    familyOfAddresses(source),
                    familyOfAddresses(destination),
                    familyOfProtocol(protocol),
                ];
                if (new Set(families.filter((family) => family !== undefined)).size < 2)
                    expected.add(identity([source, destination, protocol]));
            }
    const found = live.map((clause) => identity([clause.from, clause.to, protocolPart(clause)]));
    return found.length === expected.size && found.every((combination) => expected.has(combination));
}

function familyOfAddresses(part: AddressPart): Family | undefined {
    if (part.kind === "any") return undefined;
    return part.kind === "none" ? 4 : part.family;
}

function familyOfProtocol({ protocols }: ProtocolPart): Family | undefined {
    if (protocols?.includes("icmp")) return 4;
    return protocols?.includes("icmpv6") ? 6 : undefined;
}

function readAddresses(parts: readonly AddressPart[], sets: readonly ReadSet[]): Addresses | undefined {
    if (parts.every(({ kind }) => kind === "any")) return { kind: "anywhere" };
    const ranges = parts.flatMap((part) => (part.kind === "ranges" ? part.ranges : []));
    const identifiers = parts.flatMap((part) => (part.kind === "set" ? [part.identifier] : []));
    const named = sets.filter((set) =>
        Object.values(set.identifiers).some((identifier) => identifiers.includes(identifier)),
    );
    // Every set known, and not one family of it alone.
    const expected = named.flatMap((set) => Object.values(set.identifiers));
    if (expected.length !== identifiers.length || parts.some(({ kind }) => kind === "any")) return undefined;
    // A range at the same end for one family twice would have been written as one.
    const families = parts.flatMap((part) => (part.kind === "ranges" ? [part.family] : []));
    if (new Set(families).size !== families.length) return undefined;
    return normalAddresses({ ranges, sets: named.map(({ reference }) => reference), unknown: false });
}

/** The one list of ports that all clauses name, if they agree. */
function agreed(
    lists: readonly (readonly PortRange[] | undefined)[],
): { ports: readonly PortRange[] | undefined } | undefined {
    return distinct(lists.map((ports) => ports ?? null)).length > 1 ? undefined : { ports: lists[0] };
}

function peer(addresses: Addresses, ports: readonly PortRange[] | undefined): Peer {
    return ports ? { addresses, ports: normalPorts({ ranges: ports, unknown: false }) } : { addresses };
}

function distinct<T>(values: readonly T[]): T[] {
    return [...new Map(values.map((value) => [identity(value), value])).values()];
}

function identity(value: unknown): string {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
}
