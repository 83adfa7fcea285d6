import { addressesOf } from "../../../../../core/dialects/nftables/interpret/addressWords";
import type { Expression, Operand, Ruleset, Value } from "../../../../../core/dialects/nftables/interpret/ast";
import {
    ICMP_TYPES,
    ICMPV6_TYPES,
    type Names,
    numberOf,
    PROTOCOLS,
} from "../../../../../core/dialects/nftables/interpret/names";
import { BITS, type Family } from "../../../../../core/model/addresses";
import type { NftPacket } from "./perPacket";

/**
 * Packets of which every packet is like one, for rulesets of comparisons with numbers, addresses and names: in each field
 * the first value of each stretch over which no comparison changes. Undefined where there are too many of them.
 */
export function packetClasses(rulesets: readonly Ruleset[], most: number): Generator<NftPacket> | undefined {
    const starts = startsOf(rulesets);
    const addresses = (family: Family) => {
        const [sources, destinations] = [starts.addresses(`ip${family} saddr`), starts.addresses(`ip${family} daddr`)];
        return sources.flatMap((source) => destinations.map((destination) => ({ family, source, destination })));
    };
    const ends = { 4: addresses(4), 6: addresses(6) };
    const [sourcePorts, ports] = [starts.numbers("sport", 1, 65535), starts.numbers("dport", 1, 65535)];
    const protocols = starts.numbers("protocol", 0, 255).filter((protocol) => protocol !== 6 && protocol !== 17);
    const types = { 4: starts.numbers("icmp type", 0, 255), 6: starts.numbers("icmpv6 type", 0, 255) };
    const places = starts.states.flatMap((state) => starts.interfaces.map((name) => ({ state, interface: name })));
    const each = 2 * sourcePorts.length * ports.length + protocols.length + types[4].length + 2 * types[6].length;
    if (each * (ends[4].length + ends[6].length) * places.length > most) return undefined;

    function* bodies(family: Family): Generator<Partial<NftPacket> & Pick<NftPacket, "protocol" | "holds">> {
        for (const protocol of [6, 17])
            for (const sourcePort of sourcePorts)
                for (const destinationPort of ports) yield { protocol, sourcePort, destinationPort, holds: NOTHING };
        for (const protocol of protocols)
            if (protocol !== (family === 4 ? 1 : 58)) yield { protocol, holds: NOTHING };
            else
                for (const type of types[family])
                    for (const holds of family === 4 ? [NOTHING] : [NOTHING, HOP_LIMIT])
                        yield { protocol, type, holds };
    }
    function* all(): Generator<NftPacket> {
        for (const family of [4, 6] as const)
            for (const body of bodies(family))
                for (const both of ends[family]) for (const place of places) yield { ...both, ...body, ...place };
    }
    return all();
}

const STATES = ["new", "related", "established", "invalid", "untracked"];
const NOTHING: ReadonlySet<string> = new Set();
const HOP_LIMIT: ReadonlySet<string> = new Set(["ip6 hoplimit 255"]);

function startsOf(rulesets: readonly Ruleset[]) {
    const numbers = new Map<string, Set<number>>();
    const addresses = new Map<string, Set<bigint>>();
    const interfaces = new Set(["", "lo"]);
    const states = new Set<string>();
    const kindOf = (name: string): [kind: string, names: Names] => {
        if (/ [sd]port$/.test(name)) return [name.slice(-5), {}];
        if (name === "icmp type") return [name, ICMP_TYPES];
        if (name === "icmpv6 type") return [name, ICMPV6_TYPES];
        return [/l4proto|ip protocol/.test(name) ? "protocol" : "", PROTOCOLS];
    };
    const add = (name: string, value: Value) => {
        const family = name.startsWith("ip6 ") ? 6 : 4;
        if (/^ip6? [sd]addr$/.test(name)) {
            const { first, last } = addressesOf(value, family)!;
            const key = `ip${family} ${name.slice(-5)}`;
            addresses.set(key, (addresses.get(key) ?? new Set()).add(first).add(last + 1n));
        } else if (/^meta iif/.test(name) && value.kind === "word") interfaces.add(value.word);
        else if (name === "ct state" && value.kind === "word") states.add(value.word);
        const [kind, names] = kindOf(name);
        const [first, last] =
            value.kind === "range" ? [value.first, value.last] : value.kind === "word" ? [value.word, value.word] : [];
        if (kind === "" || first === undefined || last === undefined) return;
        const before = numbers.get(kind) ?? new Set();
        numbers.set(kind, before.add(numberOf(first, names)!).add(numberOf(last, names)! + 1));
    };
    for (const { chains, sets } of rulesets.flatMap(({ tables }) => tables))
        for (const statement of chains.flatMap(({ rules }) => rules.flat())) {
            if (statement.kind !== "match") continue;
            for (const value of valuesOf(statement.right, sets)) addTo(statement.left, value, add);
        }
    // What the packets themselves differ in.
    numbers.set("protocol", new Set([...(numbers.get("protocol") ?? []), 1, 2, 6, 7, 17, 18, 58, 59]));
    return {
        interfaces: [...interfaces],
        // One stands for all that no comparison names.
        states: [...states, ...STATES.filter((state) => !states.has(state)).slice(0, 1)],
        numbers: (kind: string, first: number, last: number) =>
            [...new Set([first, ...(numbers.get(kind) ?? [])])].filter((number) => first <= number && number <= last),
        addresses: (key: string) => {
            const most = 1n << BigInt(BITS[key.startsWith("ip6") ? 6 : 4]);
            return [...new Set([0n, ...(addresses.get(key) ?? [])])].filter((address) => address < most);
        },
    };
}

function valuesOf(operand: Operand, sets: Ruleset["tables"][number]["sets"]): Value[] {
    if (operand.kind === "elements") return operand.elements.map(({ key }) => key);
    return operand.kind === "named" ? sets.get(operand.name)!.elements.map(({ key }) => key) : [operand];
}

function addTo(expression: Expression, value: Value, add: (name: string, value: Value) => void): void {
    if (expression.kind === "field" && expression.name !== "@th,0,32") add(expression.name, value);
}
