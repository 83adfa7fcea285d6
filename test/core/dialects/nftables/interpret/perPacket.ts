import { addressOf, addressesOf } from "../../../../../core/dialects/nftables/interpret/addressWords";
import {
    type Chain,
    describeExpression,
    describeValue,
    type Element,
    type Expression,
    type Operand,
    type Operator,
    type Rule,
    type Ruleset,
    type Statement,
    type Table,
    type Value,
    type Verdict,
} from "../../../../../core/dialects/nftables/interpret/ast";
import {
    ICMP_CODES,
    ICMP_TYPES,
    ICMPV6_CODES,
    ICMPV6_TYPES,
    type Names,
    numberOf,
    PORTS,
    PROTOCOLS,
    STATE_BITS,
    TCP_FLAG_BITS,
} from "../../../../../core/dialects/nftables/interpret/names";
import type { Family } from "../../../../../core/model/addresses";

/** A packet as nft sees it; what it has not of its protocol, no match on that holds for. */
export interface NftPacket {
    readonly family: Family;
    readonly protocol: number;
    readonly source: bigint;
    readonly destination: bigint;
    readonly sourcePort?: number;
    readonly destinationPort?: number;
    readonly flags?: number;
    readonly type?: number;
    readonly code?: number;
    readonly state: string;
    /** The interface by which it comes or goes. */
    readonly interface: string;
    /** The conditions that hold, by name. */
    readonly holds: ReadonlySet<string>;
}

/**
 * What a ruleset does with a packet, rule by rule as the kernel does it, with nothing of diagrams: `accept`, `drop` or the
 * name of the answer.
 */
export function perPacket({ tables }: Ruleset, hook: HookName): (packet: NftPacket) => string {
    const chains = tables
        .flatMap((table) => (table.dormant ? [] : table.chains.map((chain) => ({ table, chain }))))
        .filter(({ chain }) => chain.hook?.hook === hook && chain.hook.type !== "nat")
        .sort((a, b) => a.chain.hook!.priority - b.chain.hook!.priority)
        .map(({ table, chain }) => ({ family: table.family, run: openChain({ table, hook }, chain), chain }));
    return (packet) => {
        for (const { family, run, chain } of chains) {
            if (family !== "inet" && family !== (packet.family === 4 ? "ip" : "ip6")) continue;
            const verdict = run(packet) ?? "return";
            const final = verdict === "return" ? chain.hook!.policy : verdict;
            if (final !== "accept") return final;
        }
        return "accept";
    };
}

type HookName = "input" | "output";

interface Place {
    readonly table: Table;
    readonly hook: HookName;
}

/** Undefined where it decides nothing, `return` where the chain is left. */
type Run = (packet: NftPacket) => string | undefined;
type Holds = (packet: NftPacket) => boolean;

function openChain(place: Place, { rules }: Chain): Run {
    const runs = rules.map((rule) => openRule(place, rule));
    return (packet) => {
        for (const run of runs) {
            const verdict = run(packet);
            if (verdict !== undefined) return verdict;
        }
        return undefined;
    };
}

function openRule(place: Place, rule: Rule): Run {
    const runs = rule.map((statement): Run | Holds => {
        if (statement.kind === "verdict") return openVerdict(place, statement.verdict);
        return statement.kind === "vmap" ? openMap(place, statement) : openStatement(place, statement);
    });
    return (packet) => {
        for (const run of runs) {
            const result = run(packet);
            if (result !== true) return result === false ? undefined : result;
        }
        return undefined;
    };
}

function openMap(place: Place, { key, map }: Extract<Statement, { kind: "vmap" }>): Run {
    const has = hasFields(key);
    const elements = elementsOf(place, map).map((element) => ({
        rest: element.key.kind === "rest",
        equals: equals(place, key, element.key),
        run: element.verdict && openVerdict(place, element.verdict),
    }));
    return (packet) => {
        if (!has(packet)) return undefined;
        const found = elements.find(({ rest, equals }) => !rest && equals(packet)) ?? elements.find(({ rest }) => rest);
        return found?.run?.(packet);
    };
}

function openVerdict(place: Place, verdict: Verdict): Run {
    switch (verdict.kind) {
        case "accept":
        case "drop":
        case "return":
            return () => verdict.kind;
        case "continue":
            return () => undefined;
        case "reject": {
            const { name, of } = verdict.answer;
            return ({ family, protocol }) => {
                const fits = of === undefined || (of === "tcp" ? protocol === 6 : (of === "ip") === (family === 4));
                return fits ? name : undefined;
            };
        }
        case "jump":
        case "goto": {
            const run = openChain(
                place,
                place.table.chains.find(({ name }) => name === verdict.target)!,
            );
            return (packet) => {
                const result = run(packet);
                if (result !== undefined && result !== "return") return result;
                return verdict.kind === "jump" ? undefined : "return";
            };
        }
        case "strange":
            throw new Error(`not understood: ${verdict.text}`);
    }
}

function openStatement(place: Place, statement: Exclude<Statement, { kind: "verdict" | "vmap" }>): Holds {
    switch (statement.kind) {
        case "match":
            return openMatch(place, statement);
        case "limit":
            return ({ holds }) => holds.has(statement.name) !== statement.over;
        case "update": {
            const all = [hasFields(statement.key), ...statement.limits.map((limit) => openStatement(place, limit))];
            return (packet) => all.every((holds) => holds(packet));
        }
        case "nothing":
            return () => true;
        default:
            throw new Error(`not understood: ${JSON.stringify(statement)}`);
    }
}

function elementsOf({ table }: Place, operand: Operand): readonly Element[] {
    if (operand.kind === "elements") return operand.elements;
    return operand.kind === "named" ? table.sets.get(operand.name)!.elements : [{ key: operand }];
}

function openMatch(place: Place, { left, op, right }: Extract<Statement, { kind: "match" }>): Holds {
    const has = hasFields(left);
    const elements = elementsOf(place, right);
    const compared = openComparison(left, op, right, elements);
    if (compared) return (packet) => has(packet) && compared(packet);
    const all = elements.map(({ key }) => equals(place, left, key));
    return (packet) => has(packet) && all.some((equal) => equal(packet)) !== (op === "!=");
}

/** Of a field that is a number. */
function openComparison(
    left: Expression,
    op: Operator,
    right: Operand,
    elements: readonly Element[],
): Holds | undefined {
    if (left.kind !== "field" && left.kind !== "masked") return undefined;
    const [names, numberOfPacket] = [namesOf(left.name), numberAt(left.name)];
    if (!names || !numberOfPacket) return undefined;
    const mask = left.kind === "masked" ? bitsOf(left.mask, names) : undefined;
    const numberIn = (packet: NftPacket) => {
        const number = numberOfPacket(packet)!;
        return mask === undefined ? number : number & mask;
    };
    const [only, more] = elements;
    const words = only?.key.kind === "bits" ? only.key.words : only?.key.kind === "word" ? [only.key.word] : [];
    // nft makes a comparison of a literal set of one element.
    const single = right.kind !== "named" && !more;
    const inBits = single && (names === STATE_BITS || names === TCP_FLAG_BITS) && left.kind === "field";
    const bits = single ? bitsOf(words, names) : 0;
    if (op === "in" && inBits) return (packet) => (numberIn(packet) & bits) !== 0;
    if (op === "!") return (packet) => (numberIn(packet) & bits) === 0;
    if (op === "<") return (packet) => numberIn(packet) < bits;
    if (op === ">") return (packet) => numberIn(packet) > bits;
    if (op === "<=") return (packet) => numberIn(packet) <= bits;
    if (op === ">=") return (packet) => numberIn(packet) >= bits;
    const all = elements.map(({ key }) => equalsNumber(key, names));
    return (packet) => all.some((equal) => equal(numberIn(packet))) !== (op === "!=");
}

const bitsOf = (words: readonly string[], names: Names) => words.reduce((sum, word) => sum | numberOf(word, names)!, 0);

/** Is the packet one that has the fields of an expression? */
function hasFields(expression: Expression): Holds {
    if (expression.kind === "concat") {
        const all = expression.parts.map(hasFields);
        return (packet) => all.every((has) => has(packet));
    }
    switch (expression.kind === "strange" ? "" : expression.name.split(" ")[0]) {
        case "ip":
            return ({ family }) => family === 4;
        case "ip6":
            return ({ family }) => family === 6;
        case "tcp":
            return ({ protocol }) => protocol === 6;
        case "udp":
            return ({ protocol }) => protocol === 17;
        case "icmp":
            return ({ family, protocol }) => family === 4 && protocol === 1;
        case "icmpv6":
            return ({ family, protocol }) => family === 6 && protocol === 58;
        case "th":
            return ({ sourcePort }) => sourcePort !== undefined;
        default:
            return () => true;
    }
}

function namesOf(field: string): Names | undefined {
    if (/ [sd]port$/.test(field)) return PORTS;
    if (["meta l4proto", "ip protocol", "ip6 nexthdr"].includes(field)) return PROTOCOLS;
    return {
        "tcp flags": TCP_FLAG_BITS,
        "ct state": STATE_BITS,
        "icmp type": ICMP_TYPES,
        "icmp code": ICMP_CODES,
        "icmpv6 type": ICMPV6_TYPES,
        "icmpv6 code": ICMPV6_CODES,
        "meta nfproto": { ipv4: 2, ipv6: 10 },
        "meta protocol": { ip: 2, ip6: 10 },
    }[field];
}

function numberAt(field: string): ((packet: NftPacket) => number | undefined) | undefined {
    switch (field) {
        case "meta l4proto":
        case "ip protocol":
        case "ip6 nexthdr":
            return ({ protocol }) => protocol;
        case "meta nfproto":
        case "meta protocol":
            return ({ family }) => (family === 4 ? 2 : 10);
        case "ct state":
            return ({ state }) => STATE_BITS[state];
        case "tcp flags":
            return ({ flags = 2 }) => flags;
        case "icmp type":
        case "icmpv6 type":
            return ({ type }) => type;
        case "icmp code":
        case "icmpv6 code":
            return ({ code = 0 }) => code;
        default:
            if (field.endsWith(" sport")) return ({ sourcePort }) => sourcePort;
            return field.endsWith(" dport") ? ({ destinationPort }) => destinationPort : undefined;
    }
}

function equals(place: Place, expression: Expression, value: Value): Holds {
    if (value.kind === "rest") return () => true;
    if (expression.kind === "concat") {
        const parts = value.kind === "concat" ? value.parts : [];
        const all = expression.parts.map((part, i) => equals(place, part, parts[i]!));
        return (packet) => all.every((equal) => equal(packet));
    }
    const name = expression.kind === "strange" ? "" : expression.name;
    const end = /^ip(6?) ([sd])addr$/.exec(name);
    if (end) {
        const family = end[1] ? 6 : 4;
        const at = ({ source, destination }: NftPacket) => (end[2] === "s" ? source : destination);
        if (expression.kind === "masked") {
            const mask = addressOf(expression.mask[0]!, family)!;
            const wanted = value.kind === "word" ? addressOf(value.word, family) : undefined;
            return (packet) => (at(packet) & mask) === wanted;
        }
        const { first, last } = addressesOf(value, family)!;
        return (packet) => first <= at(packet) && at(packet) <= last;
    }
    const number = expression.kind === "field" ? numberAt(name) : undefined;
    if (number) {
        const equal = equalsNumber(value, namesOf(name)!);
        return (packet) => equal(number(packet)!);
    }
    const side = /^meta ([io])if(name)?$/.exec(name)?.[1];
    if (side && value.kind === "word") {
        const here = (side === "i") === (place.hook === "input");
        const [word, start] = [value.word, value.word.endsWith("*") ? value.word.slice(0, -1) : undefined];
        return (packet) => {
            const name = here ? packet.interface : "";
            return start === undefined ? name === word : name.startsWith(start);
        };
    }
    const condition = `${describeExpression(expression)} ${describeValue(value)}`;
    return ({ holds }) => holds.has(condition);
}

function equalsNumber(value: Value, names: Names): (number: number) => boolean {
    switch (value.kind) {
        case "rest":
            return () => true;
        case "word": {
            if (value.word === "echo-reply-echo-request") return (number) => number <= 8;
            const wanted = numberOf(value.word, names);
            return (number) => number === wanted;
        }
        case "range": {
            const [first, last] = [numberOf(value.first, names)!, numberOf(value.last, names)!];
            return (number) => first <= number && number <= last;
        }
        case "bits": {
            const wanted = bitsOf(value.words, names);
            return (number) => number === wanted;
        }
        default:
            return () => false;
    }
}
