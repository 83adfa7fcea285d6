import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../../model/addresses";
import type { PortRange } from "../../model/ports";
import type { Action, Direction, Protocol } from "../../model/rule";
import { NO_ADDRESS, NO_PACKET, NO_PORT } from "./identifiers";
import type { Expression, NftRule, NftTable, Operand } from "./listing";
import { readAddresses, readAll, readIcmpTypes, readPorts, readProtocols } from "./values";

/** The addresses that one nft rule names at one end. `none` is a match that no address meets. */
export type AddressPart =
    | { readonly kind: "any" }
    | { readonly kind: "none" }
    | { readonly kind: "ranges"; readonly family: Family; readonly ranges: readonly AddressRange[] }
    | { readonly kind: "set"; readonly family: Family; readonly identifier: string };

/** What one nft rule says. Several of them make one rule of the model. */
export interface Clause {
    /** It matches no packet, but stands for a part of a rule that none can meet. */
    readonly note: boolean;
    /** Ascending; absent: any. ICMP with or without types stands alone. */
    readonly protocols?: readonly Protocol[];
    readonly icmpTypes?: readonly string[];
    readonly from: AddressPart;
    readonly to: AddressPart;
    /** An empty list is no port at all. */
    readonly sourcePorts?: readonly PortRange[];
    readonly destinationPorts?: readonly PortRange[];
    readonly action: Action;
}

const ANY: AddressPart = { kind: "any" };
const UNREADABLE = Symbol("unreadable");

/** What has been read of a rule, a field at most once. */
interface Draft {
    note: boolean;
    family?: Family;
    protocols?: readonly Protocol[];
    icmpTypes?: readonly string[];
    from: AddressPart;
    to: AddressPart;
    sourcePorts?: readonly PortRange[];
    destinationPorts?: readonly PortRange[];
    /** The header that the port matches name: `tcp`, `udp`, or `th` for whatever the protocol is. */
    portHeader?: string;
}

/** The clauses of a rule (one, unless it names ICMP among other protocols), or undefined if any of it can't be said in the model. */
export function readRule(rule: NftRule, direction: Direction, table: NftTable): Clause[] | undefined {
    const expressions = rule.expressions.filter(({ kind }) => kind !== "counter");
    const action = readAction(expressions.at(-1));
    if (!action) return undefined;
    const draft: Draft = { note: false, from: ANY, to: ANY };
    try {
        for (const expression of expressions.slice(0, -1)) readMatch(expression, draft, table);
        return finish(draft, direction, action);
    } catch (reason) {
        if (reason === UNREADABLE) return undefined;
        throw reason;
    }
}

function readAction(expression: Expression | undefined): Action | undefined {
    if (expression?.kind === "verdict" && expression.verdict !== "return") return expression.verdict;
    if (expression?.kind !== "reject") return undefined;
    const { type, code } = expression;
    // As ICMP, ICMPv6 or whichever fits, port-unreachable is what a plain reject sends.
    const numbers: Record<string, number> = { icmp: 3, icmpv6: 4, icmpx: 1 };
    const usual =
        type === undefined || (Object.hasOwn(numbers, type) && (code === "port-unreachable" || code === numbers[type]));
    return usual ? "reject" : undefined;
}

function readMatch(expression: Expression, draft: Draft, table: NftTable): void {
    if (expression.kind !== "match" || expression.op !== "==") throw UNREADABLE;
    const { field, right } = expression;
    switch (field) {
        case "meta mark":
            if (right.kind !== "set" || right.name !== NO_PACKET || !isEmpty(table, NO_PACKET)) throw UNREADABLE;
            draft.note = true;
            return;
        case "meta nfproto":
            return setFamily(draft, readFamily(right));
        case "ip saddr":
        case "ip daddr":
        case "ip6 saddr":
        case "ip6 daddr": {
            const family = field.startsWith("ip6") ? 6 : 4;
            const end = field.endsWith("saddr") ? "from" : "to";
            if (draft[end].kind !== "any") throw UNREADABLE;
            draft[end] = readAddressPart(right, family, table);
            return setFamily(draft, family);
        }
        case "ip protocol":
            setFamily(draft, 4);
            return setProtocols(draft, items(right, readProtocols).flat());
        case "meta l4proto":
            return setProtocols(draft, items(right, readProtocols).flat());
        case "icmp type":
        case "icmpv6 type": {
            const protocol = field === "icmp type" ? "icmp" : "icmpv6";
            setProtocols(draft, [protocol]);
            if (draft.icmpTypes) throw UNREADABLE;
            draft.icmpTypes = items(right, (item) => readIcmpTypes(item, protocol)).flat();
            return;
        }
        case "tcp sport":
        case "udp sport":
        case "th sport":
            if (draft.sourcePorts) throw UNREADABLE;
            draft.sourcePorts = readPortList(right, table);
            return setPortHeader(draft, field);
        case "tcp dport":
        case "udp dport":
        case "th dport":
            if (draft.destinationPorts) throw UNREADABLE;
            draft.destinationPorts = readPortList(right, table);
            return setPortHeader(draft, field);
        default:
            throw UNREADABLE;
    }
}

function finish(draft: Draft, direction: Direction, action: Action): Clause[] {
    const { note, icmpTypes, sourcePorts, destinationPorts, portHeader } = draft;
    if (portHeader !== undefined && portHeader !== "th") setProtocols(draft, [portHeader as "tcp" | "udp"]);
    const hasPorts = sourcePorts !== undefined || destinationPorts !== undefined;
    const protocols = draft.protocols;
    if (hasPorts && !protocols?.every((protocol) => protocol === "tcp" || protocol === "udp")) throw UNREADABLE;
    const ends = { from: draft.from, to: draft.to };
    const common = {
        note,
        action,
        ...(sourcePorts && { sourcePorts }),
        ...(destinationPorts && { destinationPorts }),
    };
    if (!protocols) return [{ ...common, ...placeFamily(ends, draft.family, direction) }];
    const plain = protocols.filter((protocol) => protocol !== "icmp" && protocol !== "icmpv6");
    const clauses: Clause[] = [];
    if (plain.length > 0) clauses.push({ ...common, ...placeFamily(ends, draft.family, direction), protocols: plain });
    for (const protocol of ["icmp", "icmpv6"] as const) {
        if (!protocols.includes(protocol)) continue;
        // nft leaves `meta nfproto` out where `meta l4proto` says ICMP. The other family's stack has no use for such packets.
        if (draft.family !== undefined && draft.family !== (protocol === "icmp" ? 4 : 6)) throw UNREADABLE;
        clauses.push({ ...common, ...ends, protocols: [protocol], ...(icmpTypes && { icmpTypes }) });
    }
    return clauses;
}

/** A family that nothing but `meta nfproto` or the like names: the model says it at the peer's end. */
function placeFamily(ends: { from: AddressPart; to: AddressPart }, family: Family | undefined, direction: Direction) {
    if (family === undefined || ends.from.kind !== "any" || ends.to.kind !== "any") return ends;
    const whole: AddressPart = { kind: "ranges", family, ranges: [wholeFamily(family)] };
    return direction === "ingress" ? { ...ends, from: whole } : { ...ends, to: whole };
}

function setFamily(draft: Draft, family: Family): void {
    if (draft.family !== undefined && draft.family !== family) throw UNREADABLE;
    draft.family = family;
}

function setProtocols(draft: Draft, protocols: readonly Protocol[]): void {
    const sorted = [...new Set(protocols)].sort();
    if (draft.protocols && draft.protocols.join() !== sorted.join()) throw UNREADABLE;
    draft.protocols = sorted;
}

function setPortHeader(draft: Draft, field: string): void {
    const header = field.slice(0, field.indexOf(" "));
    if (draft.portHeader !== undefined && draft.portHeader !== header) throw UNREADABLE;
    draft.portHeader = header;
}

function readFamily(right: Operand): Family {
    const [item, ...more] = right.kind === "items" ? right.items : [];
    if (more.length === 0 && item?.kind === "value") {
        if (item.value === "ipv4" || item.value === 2) return 4;
        if (item.value === "ipv6" || item.value === 10) return 6;
    }
    throw UNREADABLE;
}

function readAddressPart(right: Operand, family: Family, table: NftTable): AddressPart {
    if (right.kind === "items")
        return { kind: "ranges", family, ranges: mergeRanges(items(right, (item) => readAddresses(item, family))) };
    if (right.name === NO_ADDRESS && isEmpty(table, NO_ADDRESS)) return { kind: "none" };
    return { kind: "set", family, identifier: right.name };
}

function readPortList(right: Operand, table: NftTable): PortRange[] {
    if (right.kind === "set" && right.name === NO_PORT && isEmpty(table, NO_PORT)) return [];
    return items(right, readPorts);
}

function items<T>(right: Operand, read: Parameters<typeof readAll<T>>[1]): T[] {
    const values = right.kind === "items" ? readAll(right.items, read) : undefined;
    if (!values) throw UNREADABLE;
    return values;
}

function isEmpty(table: NftTable, name: string): boolean {
    const set = table.sets.find((candidate) => candidate.name === name);
    return set !== undefined && set.elements.length === 0 && !set.strange;
}
