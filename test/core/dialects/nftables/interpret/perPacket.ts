import { addressOf, addressesOf } from "../../../../../core/dialects/nftables/interpret/addressWords";
import {
    describeExpression,
    describeValue,
    type Element,
    type Expression,
    type Operand,
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
 * What a ruleset does with one packet, rule by rule as the kernel does it: nothing of diagrams. `accept`, `drop` or the name
 * of the answer.
 */
export function runRuleset({ tables }: Ruleset, hook: "input" | "output", packet: NftPacket): string {
    const chains = tables
        .filter(
            ({ family, dormant }) => !dormant && (family === "inet" || family === (packet.family === 4 ? "ip" : "ip6")),
        )
        .flatMap((table) => table.chains.map((chain) => ({ table, chain })))
        .filter(({ chain }) => chain.hook?.hook === hook && chain.hook.type !== "nat")
        .sort((a, b) => a.chain.hook!.priority - b.chain.hook!.priority);
    for (const { table, chain } of chains) {
        const verdict = runRules({ table, hook, packet }, chain.rules) ?? chain.hook!.policy;
        const final = verdict === "return" ? chain.hook!.policy : verdict;
        if (final !== "accept") return final;
    }
    return "accept";
}

interface Run {
    readonly table: Table;
    readonly hook: "input" | "output";
    readonly packet: NftPacket;
}

/** Undefined at the end of the chain, `return` where it is left before. */
function runRules(run: Run, rules: readonly Rule[]): string | undefined {
    for (const rule of rules) {
        const verdict = runRule(run, rule);
        if (verdict !== undefined) return verdict;
    }
    return undefined;
}

function runRule(run: Run, rule: Rule): string | undefined {
    for (const statement of rule) {
        if (statement.kind === "verdict") return decide(run, statement.verdict);
        if (statement.kind === "vmap") {
            const elements = elementsOf(run, statement.map);
            if (!hasFields(run, statement.key)) return undefined;
            const found = elements.find(({ key }) => key.kind !== "rest" && equals(run, statement.key, key));
            const element = found ?? elements.find(({ key }) => key.kind === "rest");
            return element?.verdict && decide(run, element.verdict);
        }
        if (!goesOn(run, statement)) return undefined;
    }
    return undefined;
}

function decide(run: Run, verdict: Verdict): string | undefined {
    switch (verdict.kind) {
        case "accept":
        case "drop":
        case "return":
            return verdict.kind;
        case "continue":
            return undefined;
        case "reject": {
            const { name, of } = verdict.answer;
            const { family, protocol } = run.packet;
            const fits = of === undefined || (of === "tcp" ? protocol === 6 : (of === "ip") === (family === 4));
            return fits ? name : undefined;
        }
        case "jump":
        case "goto": {
            const chain = run.table.chains.find(({ name }) => name === verdict.target)!;
            const result = runRules(run, chain.rules);
            if (result !== undefined && result !== "return") return result;
            return verdict.kind === "jump" ? undefined : "return";
        }
        case "strange":
            throw new Error(`not understood: ${verdict.text}`);
    }
}

function goesOn(run: Run, statement: Statement): boolean {
    switch (statement.kind) {
        case "match":
            return matches(run, statement);
        case "limit":
            return run.packet.holds.has(statement.name) !== statement.over;
        case "update":
            return hasFields(run, statement.key) && statement.limits.every((limit) => goesOn(run, limit));
        case "nothing":
            return true;
        default:
            throw new Error(`not understood: ${JSON.stringify(statement)}`);
    }
}

function elementsOf({ table }: Run, operand: Operand): readonly Element[] {
    if (operand.kind === "elements") return operand.elements;
    return operand.kind === "named" ? table.sets.get(operand.name)!.elements : [{ key: operand }];
}

function matches(run: Run, { left, op, right }: Extract<Statement, { kind: "match" }>): boolean {
    if (!hasFields(run, left)) return false;
    const elements = elementsOf(run, right);
    if (left.kind !== "concat" && left.kind !== "strange") {
        const number = numberAt(run, left.name);
        const names = namesOf(left.name);
        if (number !== undefined && names) {
            const masked = left.kind === "masked" ? number & bitsOf(left.mask, names) : number;
            const [only, more] = elements;
            const words = only?.key.kind === "bits" ? only.key.words : only?.key.kind === "word" ? [only.key.word] : [];
            // nft makes a comparison of a literal set of one element.
            const single = right.kind !== "named" && !more;
            const inBits = single && (names === STATE_BITS || names === TCP_FLAG_BITS) && left.kind === "field";
            if (op === "in" && inBits) return (masked & bitsOf(words, names)) !== 0;
            if (op === "!") return (masked & bitsOf(words, names)) === 0;
            if (op === "<") return masked < bitsOf(words, names);
            if (op === ">") return masked > bitsOf(words, names);
            if (op === "<=") return masked <= bitsOf(words, names);
            if (op === ">=") return masked >= bitsOf(words, names);
            return elements.some(({ key }) => equalsNumber(masked, key, names)) !== (op === "!=");
        }
    }
    return elements.some(({ key }) => equals(run, left, key)) !== (op === "!=");
}

const bitsOf = (words: readonly string[], names: Names) => words.reduce((sum, word) => sum | numberOf(word, names)!, 0);

/** Is the packet one that has the fields of an expression? */
function hasFields(run: Run, expression: Expression): boolean {
    if (expression.kind === "concat") return expression.parts.every((part) => hasFields(run, part));
    if (expression.kind === "strange") return true;
    const { family, protocol } = run.packet;
    switch (expression.name.split(" ")[0]) {
        case "ip":
            return family === 4;
        case "ip6":
            return family === 6;
        case "tcp":
            return protocol === 6;
        case "udp":
            return protocol === 17;
        case "icmp":
            return family === 4 && protocol === 1;
        case "icmpv6":
            return family === 6 && protocol === 58;
        case "th":
            return run.packet.sourcePort !== undefined;
        default:
            return true;
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

function numberAt({ packet }: Run, field: string): number | undefined {
    switch (field) {
        case "meta l4proto":
        case "ip protocol":
        case "ip6 nexthdr":
            return packet.protocol;
        case "meta nfproto":
        case "meta protocol":
            return packet.family === 4 ? 2 : 10;
        case "ct state":
            return STATE_BITS[packet.state];
        case "tcp flags":
            return packet.flags ?? 2;
        case "icmp type":
        case "icmpv6 type":
            return packet.type;
        case "icmp code":
        case "icmpv6 code":
            return packet.code ?? 0;
        default:
            if (field.endsWith(" sport")) return packet.sourcePort;
            return field.endsWith(" dport") ? packet.destinationPort : undefined;
    }
}

function equals(run: Run, expression: Expression, value: Value): boolean {
    if (value.kind === "rest") return true;
    if (expression.kind === "concat")
        return value.kind === "concat" && expression.parts.every((part, i) => equals(run, part, value.parts[i]!));
    if (expression.kind === "field") {
        const { packet, hook } = run;
        const number = numberAt(run, expression.name);
        if (number !== undefined) return equalsNumber(number, value, namesOf(expression.name)!);
        const end = /^ip6? ([sd])addr$/.exec(expression.name)?.[1];
        if (end) {
            const range = addressesOf(value, packet.family)!;
            const address = end === "s" ? packet.source : packet.destination;
            return range.first <= address && address <= range.last;
        }
        const side = /^meta ([io])if(name)?$/.exec(expression.name)?.[1];
        if (side && value.kind === "word") {
            const name = (side === "i") === (hook === "input") ? packet.interface : "";
            return value.word.endsWith("*") ? name.startsWith(value.word.slice(0, -1)) : name === value.word;
        }
    }
    if (expression.kind === "masked" && /^ip6? [sd]addr$/.test(expression.name) && value.kind === "word") {
        const { family, source, destination } = run.packet;
        const address = expression.name.endsWith("saddr") ? source : destination;
        return (address & addressOf(expression.mask[0]!, family)!) === addressOf(value.word, family);
    }
    return run.packet.holds.has(`${describeExpression(expression)} ${describeValue(value)}`);
}

function equalsNumber(number: number, value: Value, names: Names): boolean {
    switch (value.kind) {
        case "rest":
            return true;
        case "word":
            if (value.word === "echo-reply-echo-request") return number <= 8;
            return number === numberOf(value.word, names);
        case "range":
            return numberOf(value.first, names)! <= number && number <= numberOf(value.last, names)!;
        case "bits":
            return number === bitsOf(value.words, names);
        default:
            return false;
    }
}
