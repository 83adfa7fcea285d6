import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../../model/addresses";
import type { PortRange } from "../../model/ports";
import { icmpMessageName, type IcmpProtocol, icmpTypeNumber } from "../../model/icmpTypes";
import type { Action, Direction, Protocol, RejectAnswer, RuleState } from "../../model/rule";
import { parseInterface } from "../../model/ruleOptions";
import { FLAG_FORMS, type FlagForm, flagForms } from "../../model/tcpFlags";
import { NO_ADDRESS, NO_PACKET, NO_PORT } from "./identifiers";
import type { Expression, NftRate, NftRule, NftTable, Operand } from "./listing";
import { readAddresses, readAll, readIcmpCodes, readIcmpTypes, readPorts, readProtocols } from "./values";

/** The addresses that one nft rule names at one end. `none` is a match that no address meets. */
export type AddressPart =
    | { readonly kind: "any" }
    | { readonly kind: "none" }
    | { readonly kind: "ranges"; readonly family: Family; readonly ranges: readonly AddressRange[] }
    /** `mask`: what the address is cut off by before the set is asked. */
    | { readonly kind: "set"; readonly family: Family; readonly identifier: string; readonly mask?: string };

/** One end of what an nft rule matches: addresses, and parts that are excepted. */
export interface EndPart {
    readonly said: AddressPart;
    readonly not: readonly AddressPart[];
}

/** What holds a rule back. `all`: one limit for all; `sources`: one for each source of a family, the rate where it is listed. */
export type Limiter =
    | { readonly kind: "all"; readonly name: string }
    | { readonly kind: "sources"; readonly family: Family; readonly set: string; readonly rate?: NftRate };

/** What one nft rule says. Several of them make one rule of the model. */
export interface Clause {
    /** It matches no packet, but stands for a part of a rule that none can meet. */
    readonly note: boolean;
    /** Ascending; absent: any. ICMP with or without types stands alone. */
    readonly protocols?: readonly Protocol[];
    readonly icmpTypes?: readonly string[];
    readonly from: EndPart;
    readonly to: EndPart;
    /** An empty list is no port at all. */
    readonly sourcePorts?: readonly PortRange[];
    readonly destinationPorts?: readonly PortRange[];
    readonly interfaces?: readonly string[];
    readonly states?: readonly RuleState[];
    readonly flags?: FlagForm;
    readonly limiter?: Limiter;
    /** Absent: it only logs. */
    readonly action?: Action;
    readonly answer?: RejectAnswer;
    readonly log?: { readonly prefix: string; readonly limit: string };
}

const UNREADABLE = Symbol("unreadable");

/** What has been read of a rule, a field at most once. */
type Draft = {
    -readonly [Key in keyof Omit<Clause, "from" | "to" | "action" | "answer">]: Clause[Key];
} & {
    from: DraftEnd;
    to: DraftEnd;
    family?: Family;
    icmp?: { protocol: IcmpProtocol; types: readonly string[]; codes?: readonly number[] };
    /** The header that the port matches name: `tcp`, `udp`, or `th` for whatever the protocol is. */
    portHeader?: string;
};

interface DraftEnd {
    said: AddressPart;
    not: AddressPart[];
}

/** The clauses of a rule (one, unless it names ICMP among other protocols), or undefined if any of it can't be said in the model. */
export function readRule(rule: NftRule, direction: Direction, table: NftTable): Clause[] | undefined {
    const expressions = rule.expressions.filter(({ kind }) => kind !== "counter");
    const end = readEnd(expressions.at(-1));
    if (!end) return undefined;
    const draft: Draft = {
        note: false,
        from: { said: { kind: "any" }, not: [] },
        to: { said: { kind: "any" }, not: [] },
    };
    try {
        for (const expression of expressions.slice(0, -1)) readExpression(expression, draft, direction, table);
        return finish(draft, direction, end);
    } catch (reason) {
        if (reason === UNREADABLE) return undefined;
        throw reason;
    }
}

/** The verdict of a rule, or what it logs. */
type End = Pick<Clause, "action" | "answer"> & { readonly prefix?: string };

function readEnd(expression: Expression | undefined): End | undefined {
    if (expression?.kind === "log") return { prefix: expression.prefix };
    if (expression?.kind === "verdict" && expression.verdict !== "return") return { action: expression.verdict };
    if (expression?.kind !== "reject") return undefined;
    const { type, code } = expression;
    if (type === "tcp reset" && code === undefined) return { action: "reject", answer: "tcp-reset" };
    // As ICMP, ICMPv6 or whichever fits, port-unreachable is what a plain reject sends.
    const numbers: Record<string, number> = { icmp: 3, icmpv6: 4, icmpx: 1 };
    const usual =
        type === undefined || (Object.hasOwn(numbers, type) && (code === "port-unreachable" || code === numbers[type]));
    if (usual) return { action: "reject" };
    const answer =
        type === "icmpx" ? ANSWERS.find(([name, number]) => code === name || code === number)?.[0] : undefined;
    return answer === undefined ? undefined : { action: "reject", answer };
}

const ANSWERS: readonly (readonly [RejectAnswer, number])[] = [
    ["no-route", 0],
    ["host-unreachable", 2],
    ["admin-prohibited", 3],
];

function readExpression(expression: Expression, draft: Draft, direction: Direction, table: NftTable): void {
    switch (expression.kind) {
        case "match":
            return readMatch(expression, draft, direction, table);
        case "flags": {
            const form = flagForms.find((each) => {
                const { mask, value } = FLAG_FORMS[each];
                const negated = "negated" in FLAG_FORMS[each];
                return expression.mask === mask && expression.value === value && expression.negated === negated;
            });
            if (draft.flags || !form) throw UNREADABLE;
            draft.flags = form;
            return;
        }
        case "limit":
            if (draft.limiter) throw UNREADABLE;
            draft.limiter = { kind: "all", name: expression.name };
            return;
        case "sources":
            if (draft.limiter) throw UNREADABLE;
            draft.limiter = expression;
            return setFamily(draft, expression.family);
        default:
            throw UNREADABLE;
    }
}

function readMatch(
    { field: words, op, right }: Extract<Expression, { kind: "match" }>,
    draft: Draft,
    direction: Direction,
    table: NftTable,
): void {
    const [field = "", mask] = words.split(" & ");
    const isAddress = /^ip6? [sd]addr$/.test(field);
    // One state is listed as a bit of a mask.
    if (op !== "==" && !(op === "in" && field === "ct state") && !(op === "!=" && isAddress)) throw UNREADABLE;
    if (mask !== undefined && !isAddress) throw UNREADABLE;
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
            const end = draft[field.endsWith("saddr") ? "from" : "to"];
            const part = readAddressPart(right, family, mask, table);
            if (op === "!=") end.not.push(part);
            else if (end.said.kind === "any") end.said = part;
            else throw UNREADABLE;
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
            if (draft.icmp) throw UNREADABLE;
            draft.icmp = { protocol, types: items(right, (item) => readIcmpTypes(item, protocol)).flat() };
            return;
        }
        case "icmp code":
        case "icmpv6 code": {
            const protocol = field === "icmp code" ? "icmp" : "icmpv6";
            if (draft.icmp?.protocol !== protocol || draft.icmp.codes || draft.icmp.types.length !== 1)
                throw UNREADABLE;
            draft.icmp.codes = items(right, (item) => readIcmpCodes(item, protocol)).flat();
            return;
        }
        case direction === "ingress" ? "meta iifname" : "meta oifname":
            if (draft.interfaces) throw UNREADABLE;
            draft.interfaces = items(right, (item) =>
                item.kind === "value" && typeof item.value === "string" ? item.value : undefined,
            );
            if (draft.interfaces.some((name) => "problem" in parseInterface(name))) throw UNREADABLE;
            return;
        case "ct state":
            if (draft.states || (op === "in" && right.kind === "items" && right.items.length > 1)) throw UNREADABLE;
            draft.states = items(right, (item) => {
                const { value } = item.kind === "value" ? item : {};
                return STATES.find(([state, number]) => value === state || value === number)?.[0];
            });
            return;
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

const STATES: readonly (readonly [RuleState, number])[] = [
    ["invalid", 1],
    ["related", 4],
    ["new", 8],
    ["untracked", 64],
];

function finish(draft: Draft, direction: Direction, { prefix, ...verdict }: End): Clause[] {
    const { note, sourcePorts, destinationPorts, portHeader, interfaces, states, flags, limiter } = draft;
    if (portHeader !== undefined && portHeader !== "th") setProtocols(draft, [portHeader as "tcp" | "udp"]);
    // A note says each part of a rule by itself.
    if (flags && note) delete draft.protocols;
    else if (flags) setProtocols(draft, ["tcp"]);
    const hasPorts = sourcePorts !== undefined || destinationPorts !== undefined;
    const protocols = draft.protocols;
    if (hasPorts && !protocols?.every((protocol) => protocol === "tcp" || protocol === "udp")) throw UNREADABLE;
    if (prefix !== undefined && limiter?.kind !== "all") throw UNREADABLE;
    const ends = { from: draft.from, to: draft.to };
    const common = {
        note,
        ...verdict,
        ...(sourcePorts && { sourcePorts }),
        ...(destinationPorts && { destinationPorts }),
        ...(interfaces && { interfaces }),
        ...(states && { states }),
        ...(flags && { flags }),
        ...(prefix !== undefined && limiter?.kind === "all"
            ? { log: { prefix, limit: limiter.name } }
            : limiter && { limiter }),
    };
    // The family of a limit for each source is the limit's own: the rule has a second half for the other.
    const family = limiter?.kind === "sources" ? undefined : draft.family;
    if (!protocols) return [{ ...common, ...placeFamily(ends, family, direction) }];
    const plain = protocols.filter((protocol) => protocol !== "icmp" && protocol !== "icmpv6");
    const clauses: Clause[] = [];
    if (plain.length > 0) clauses.push({ ...common, ...placeFamily(ends, family, direction), protocols: plain });
    for (const protocol of ["icmp", "icmpv6"] as const) {
        if (!protocols.includes(protocol)) continue;
        // nft leaves `meta nfproto` out where `meta l4proto` says ICMP. The other family's stack has no use for such packets.
        if (draft.family !== undefined && draft.family !== (protocol === "icmp" ? 4 : 6)) throw UNREADABLE;
        const icmpTypes = draft.icmp && messagesOf(draft.icmp);
        clauses.push({ ...common, ...ends, protocols: [protocol], ...(icmpTypes && { icmpTypes }) });
    }
    return clauses;
}

function messagesOf({ protocol, types, codes }: NonNullable<Draft["icmp"]>): string[] {
    if (!codes) return [...types];
    const [type] = types.map((text) => icmpTypeNumber(protocol, text)!);
    return codes.map((code) => icmpMessageName(protocol, { type: type!, code }));
}

/** A family that nothing but `meta nfproto` or the like names: the model says it at the peer's end. */
function placeFamily(ends: { from: EndPart; to: EndPart }, family: Family | undefined, direction: Direction) {
    const isAny = ({ said, not }: EndPart) => said.kind === "any" && not.length === 0;
    if (family === undefined || !isAny(ends.from) || !isAny(ends.to)) return ends;
    const whole: EndPart = { said: { kind: "ranges", family, ranges: [wholeFamily(family)] }, not: [] };
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

function readAddressPart(right: Operand, family: Family, mask: string | undefined, table: NftTable): AddressPart {
    if (mask !== undefined) {
        if (right.kind === "items") throw UNREADABLE;
        return { kind: "set", family, identifier: right.name, mask };
    }
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
