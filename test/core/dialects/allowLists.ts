import fc from "fast-check";
import type { Packet } from "../../../core/analysis/decide";
import {
    type AddressRange,
    BITS,
    type Family,
    mergeRanges,
    prefixToRange,
    wholeFamily,
} from "../../../core/model/addresses";
import { icmpMessage } from "../../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../../core/model/normalRule";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { KeyedRule, NamedSet, Policy } from "../../../core/model/policy";
import type { PortRange } from "../../../core/model/ports";
import type { Addresses, Direction, ProtocolMatch, Rule } from "../../../core/model/rule";
import { listsOf } from "../../../core/model/storedPolicy";
import type { Random } from "../../kernel/random";

// Policies that a panel can say whose lists only allow, and packets where their rules begin and end.

export interface Sayable {
    readonly directions: readonly Direction[];
    readonly icmpTypes: boolean;
    /** Egress is accepted and no rule of it drops. */
    readonly freeEgress: boolean;
}

const crowded = (family: Family) =>
    fc.bigInt({ min: 0n, max: 20n }).map((offset) => (10n << BigInt(BITS[family] - 8)) + offset);

const addressRange: fc.Arbitrary<AddressRange> = fc.constantFrom<Family>(4, 4, 6).chain((family) => {
    const start = fc.oneof(crowded(family), fc.constantFrom(0n, (1n << BigInt(BITS[family])) - 1n));
    const prefix = fc.tuple(start, fc.nat(BITS[family])).map(([address, length]) => {
        const free = BigInt(BITS[family] - length);
        return prefixToRange({ family, address: (address >> free) << free, length });
    });
    const range = fc
        .tuple(crowded(family), crowded(family))
        .map(([a, b]): AddressRange => ({ family, first: a < b ? a : b, last: a < b ? b : a }));
    return fc.oneof(prefix, range, range);
});

const SET: NamedSet = {
    name: "office",
    ranges: mergeRanges(["10.0.0.3-10.0.0.9", "10.0.0.16/29", "a00::4-a00::6"].map(rangeOf)),
};

const addresses: fc.Arbitrary<Addresses> = fc
    .tuple(
        fc.oneof(
            fc.constant([wholeFamily(4), wholeFamily(6)]),
            fc.constant([wholeFamily(4)]),
            fc.array(addressRange, { maxLength: 3 }),
            fc.array(addressRange, { minLength: 1, maxLength: 3 }),
        ),
        fc.nat(5),
        fc.option(fc.array(addressRange, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 }),
    )
    .map(([ranges, n, except]) =>
        normalAddresses(
            { ranges, sets: n === 0 ? [{ name: SET.name }] : [], unknown: false },
            except && { ranges: except, sets: [], unknown: false },
        ),
    );

const port = fc.oneof(fc.integer({ min: 20, max: 30 }), fc.constantFrom(1, 2, 65534, 65535));
const ports = fc.array(fc.tuple(port, port), { minLength: 1, maxLength: 3 }).map((pairs) =>
    normalPorts({
        ranges: pairs.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
        unknown: false,
    }),
);

function rule({ directions, icmpTypes, freeEgress }: Sayable): fc.Arbitrary<Rule> {
    const withPorts = fc.record({
        matches: fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }], { minLength: 1 }),
        ports: fc.option(ports, { nil: undefined, freq: 5 }),
    });
    const portless = fc.record({
        matches: fc.constantFrom<ProtocolMatch[]>(
            [{ protocol: "any" }],
            [{ protocol: "any" }],
            [{ protocol: "icmp" }, { protocol: "icmpv6" }],
            [{ protocol: "tcp" }, { protocol: "icmp" }],
            [{ protocol: "icmpv6" }],
            ...(icmpTypes
                ? [
                      [{ protocol: "icmp" as const, types: ["echo-request"] }],
                      [{ protocol: "icmp" as const, types: ["destination-unreachable/4", "echo-reply"] }],
                  ]
                : []),
        ),
        ports: fc.constant(undefined),
    });
    return fc
        .record({
            direction: fc.constantFrom(...directions),
            action: fc.constantFrom("accept" as const, "accept" as const, "drop" as const),
            what: fc.oneof({ weight: 3, arbitrary: withPorts }, portless),
            far: addresses,
        })
        .map(({ direction, action, what, far }) => {
            const [from, to] = direction === "ingress" ? [far, ANYWHERE] : [ANYWHERE, far];
            return {
                direction,
                action: direction === "egress" && freeEgress ? ("accept" as const) : action,
                matches: normalMatches(what.matches),
                from: { addresses: from },
                to: { addresses: to, ...(what.ports && { ports: what.ports }) },
                priority: 1000,
                enabled: true,
            };
        });
}

const ANYWHERE: Addresses = { kind: "anywhere" };

/** In any order of rules, as priorities and templates make them. */
export function sayablePolicies(sayable: Sayable): fc.Arbitrary<Policy> {
    const action = fc.constantFrom("accept" as const, "drop" as const, "drop" as const);
    return fc
        .record({ rules: fc.array(rule(sayable), { maxLength: 6 }), ingress: action, egress: action })
        .map(({ rules, ingress, egress }) => ({
            rules: rules.map((each, i): KeyedRule => ({ key: `web/r${i}`, rule: each })),
            sets: [SET],
            defaults: { ingress, egress: sayable.freeEgress ? "accept" : egress },
        }));
}

const OWN = { 4: 0xc000020an, 6: 0x20010db8000500000000000000000010n } as const;
const STRANGER = { 4: 0xcb007109n, 6: 0x20010db80bad00000000000000000009n } as const;

/** Random packets at the first and the last address, port or type that a rule names, and next to it. */
export function packetsAround({ rules, sets }: Policy, random: Random): () => Packet {
    const said = rules.flatMap(({ rule: { from, to } }) => [...listsOf(from.addresses), ...listsOf(to.addresses)]);
    const ranges = [...said.flatMap((list) => list.ranges), ...sets.flatMap((set) => set.ranges)];
    const far = (family: Family) => {
        const top = wholeFamily(family).last;
        const own = ranges.filter((range) => range.family === family);
        const near = own.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        return [STRANGER[family], ...near.filter((address) => 0n <= address && address <= top)];
    };
    const people = { 4: far(4), 6: far(6) };
    const named = rules.flatMap(({ rule: { to } }) => to.ports?.ranges ?? []);
    const near = named.flatMap(({ first, last }) => [first - 1, first, last, last + 1]);
    const portsHere = [1, 22, 65535, ...near.filter((each) => 1 <= each && each <= 65535)];
    const types = rules.flatMap(({ rule: { matches } }) => matches.flatMap((match) => match.types ?? []));
    const messages = types.map((text) => icmpMessage("icmp", text)!);
    return () => {
        const direction = random.pick(["ingress", "egress"] as const);
        const family = random.pick([4, 4, 6] as const);
        const protocol = random.pick([6, 6, 17, family === 4 ? 1 : 58, random.pick([1, 58, 47])]);
        const [own, other] = [OWN[family], random.pick(people[family])];
        const [source, destination] = direction === "ingress" ? [other, own] : [own, other];
        const message = random.pick([
            { type: 8, code: 0 },
            { type: 3, code: 4 },
            { type: random.below(256), code: 1 },
            ...messages,
        ]);
        return {
            ...{ direction, family, protocol, source, destination },
            ...((protocol === 6 || protocol === 17) && {
                sourcePort: 40000,
                destinationPort: random.pick(portsHere),
            }),
            ...(protocol === (family === 4 ? 1 : 58) && { icmpType: message.type, icmpCode: message.code ?? 0 }),
            ...(random.chance(0.1) && { state: random.pick(["established", "related", "invalid"] as const) }),
        };
    };
}

/** Is it a new packet of a protocol that rows can name? */
export function isClaimed({ family, protocol, state = "new" }: Packet): boolean {
    return state === "new" && [6, 17, family === 4 ? 1 : 58].includes(protocol);
}

/** All that one row allows: any of these protocols (`ICMP` that of the family), ranges and spans. */
export interface Extent {
    readonly protocols: readonly ("TCP" | "UDP" | "ICMP")[];
    readonly ranges: readonly AddressRange[];
    /** Ports; of ICMP `type * 256 + code`. */
    readonly span: (protocol: "TCP" | "UDP" | "ICMP") => PortRange;
}

/**
 * Packets such that two lists treat all packets alike if they treat these alike, where they differ in no other rows than
 * `changed`: the lowest corner of everything that edges of rows cut the changed rows into.
 */
export function* corners(all: readonly Extent[], changed: readonly Extent[], direction: Direction): Generator<Packet> {
    for (const protocol of ["TCP", "UDP", "ICMP"] as const) {
        const here = all.filter(({ protocols }) => protocols.includes(protocol));
        const those = changed.filter(({ protocols }) => protocols.includes(protocol));
        const spans = those.map(({ span }) => span(protocol));
        const edges = here.map(({ span }) => span(protocol)).flatMap(({ first, last }) => [first, last + 1]);
        const starts = [...new Set(edges.map((edge) => (protocol === "ICMP" ? edge : Math.max(edge, 1))))];
        for (const at of starts.filter((each) => spans.some(({ first, last }) => first <= each && each <= last)))
            for (const family of [4, 6] as const)
                for (const far of peopleIn(here, those, family)) {
                    const number = protocol === "TCP" ? 6 : protocol === "UDP" ? 17 : family === 4 ? 1 : 58;
                    const [source, destination] = direction === "ingress" ? [far, OWN[family]] : [OWN[family], far];
                    yield {
                        ...{ direction, family, protocol: number, source, destination },
                        ...(protocol === "ICMP"
                            ? { icmpType: at >> 8, icmpCode: at & 255 }
                            : { sourcePort: 40000, destinationPort: at }),
                    };
                }
    }
}

function peopleIn(here: readonly Extent[], those: readonly Extent[], family: Family): Set<bigint> {
    const own = (some: readonly Extent[]) => some.flatMap(({ ranges }) => ranges.filter((r) => r.family === family));
    const edges = own(here).flatMap(({ first, last }) => [first, last + 1n]);
    return new Set(edges.filter((each) => own(those).some(({ first, last }) => first <= each && each <= last)));
}

export function rangeOf(text: string): AddressRange {
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    return parsed.range;
}

/** A CIDR range one bit longer or shorter, or the next of its length; undefined where there is none. */
export function otherCidr(text: string, random: Random): string | undefined {
    const { family, first } = rangeOf(text);
    const length = Number(text.split("/")[1]);
    const [by, step] = random.pick([
        [1, 0n],
        [-1, 0n],
        [0, 1n],
        [0, -1n],
    ] as const);
    const next = length + by;
    if (next < 0 || next > BITS[family]) return undefined;
    const free = BigInt(BITS[family] - next);
    const address = ((first >> free) + step) << free;
    return address < 0n || address > wholeFamily(family).last ? undefined : cidrText(family, address, next);
}

function cidrText(family: Family, address: bigint, length: number): string {
    if (family === 4) return `${[24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join(".")}/${length}`;
    const hex = address.toString(16).padStart(32, "0");
    return `${hex.match(/.{4}/g)!.join(":")}/${length}`;
}
