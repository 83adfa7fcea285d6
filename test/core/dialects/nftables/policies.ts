import fc from "fast-check";
import {
    type AddressRange,
    type Family,
    mergeRanges,
    prefixToRange,
    wholeFamily,
} from "../../../../core/model/addresses";
import { referenceTo } from "../../../../core/model/addressSets";
import { icmpMessageName } from "../../../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../../../core/model/normalRule";
import type { NamedSet, Policy } from "../../../../core/model/policy";
import type { Addresses, Peer, ProtocolMatch, Rule } from "../../../../core/model/rule";
import type { Ownership } from "../../../../core/dialects/dialect";
import { optionsOf } from "../../arbitraries";

export const ownership: Ownership = {
    owner: "0123456789abcdef",
    resource: "00000000-0000-4000-8000-000000000000",
    applyId: "fedcba9876543210",
};

const BITS = { 4: 32, 6: 128 } as const;

/** Prefixes of all lengths, single addresses and unaligned ranges, crowded enough to touch and overlap. */
function addressRange(family: Family): fc.Arbitrary<AddressRange> {
    const top = (1n << BigInt(BITS[family])) - 1n;
    const anywhere = fc.bigInt({ min: 0n, max: top });
    const crowded = fc.bigInt({ min: 0n, max: 40n }).map((offset) => (10n << BigInt(BITS[family] - 8)) + offset);
    const edge = fc.constantFrom(0n, 1n, top - 1n, top);
    const address = fc.oneof(anywhere, crowded, edge);
    const prefix = fc.tuple(address, fc.nat(BITS[family])).map(([address, length]) => {
        const free = BigInt(BITS[family] - length);
        return prefixToRange({ family, address: (address >> free) << free, length });
    });
    // Wide ranges are hundreds of prefixes in the model's words: some are enough.
    const ends = fc.oneof({ weight: 4, arbitrary: fc.tuple(crowded, crowded) }, fc.tuple(address, address));
    const range = ends.map(([a, b]): AddressRange => {
        return a < b ? { family, first: a, last: b } : { family, first: b, last: a };
    });
    return fc.oneof(prefix, range);
}

const ranges = fc.array(fc.oneof(addressRange(4), addressRange(6)), { maxLength: 6 }).map(mergeRanges);

const SET_NAMES = ["office", "meta", "a.b_c-d", "web/scanners", "x".repeat(48)];

const sets: fc.Arbitrary<NamedSet[]> = fc
    .uniqueArray(fc.record({ name: fc.constantFrom(...SET_NAMES), ranges }), {
        selector: ({ name }) => name,
        maxLength: 3,
    })
    .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));

function addresses(sets: readonly NamedSet[]): fc.Arbitrary<Addresses> {
    const anywhere: Addresses[] = [
        { kind: "anywhere" },
        { kind: "anywhere" },
        { kind: "anywhere", family: 4 },
        { kind: "anywhere", family: 6 },
    ];
    const list = fc.tuple(ranges, fc.subarray(sets.map(referenceTo)));
    const said = fc.oneof(
        fc.constantFrom(...anywhere),
        list.map(([ranges, sets]) => normalAddresses({ ranges, sets, unknown: false })),
    );
    return fc.tuple(said, fc.option(list, { freq: 2 })).map(([addresses, except]) => {
        const whole = addresses.kind === "anywhere" ? anywhereRanges(addresses.family) : addresses;
        const [ranges, sets] = except ?? [[], []];
        return normalAddresses(whole, { ranges, sets, unknown: false });
    });
}

function anywhereRanges(family: Family | undefined) {
    return { ranges: (family ? [family] : ([4, 6] as const)).map(wholeFamily), sets: [], unknown: false };
}

const port = fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 65535));
const ports = fc
    .array(fc.tuple(port, port), { maxLength: 4 })
    .map((list) => list.map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })))
    .map((ranges) => normalPorts({ ranges, unknown: false }));

const withPorts = fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }], { minLength: 1 });

function icmp(protocol: "icmp" | "icmpv6"): fc.Arbitrary<ProtocolMatch> {
    const message = fc.oneof(
        fc.record({ type: fc.nat(255) }),
        fc.record({ type: fc.constantFrom(1, 3, 11, 200), code: fc.oneof(fc.nat(15), fc.nat(255)) }),
    );
    const types = fc.uniqueArray(message, { minLength: 1, maxLength: 5 });
    return fc
        .option(types)
        .map((list) =>
            list ? { protocol, types: list.map((message) => icmpMessageName(protocol, message)) } : { protocol },
        );
}

const number = fc.nat(255).filter((protocol) => ![1, 6, 17, 58].includes(protocol));
const anyProtocol = fc.oneof(
    fc.constantFrom<ProtocolMatch[]>([{ protocol: "any" }]),
    fc
        .tuple(
            fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }]),
            fc.array(
                number.map((protocol): ProtocolMatch => ({ protocol })),
                { maxLength: 2 },
            ),
            fc.array(icmp("icmp"), { maxLength: 1 }),
            fc.array(icmp("icmpv6"), { maxLength: 1 }),
        )
        .map((lists) => lists.flat())
        .filter((list) => list.length > 0),
);

function rule(sets: readonly NamedSet[]): fc.Arbitrary<Rule> {
    const ends = fc.tuple(addresses(sets), addresses(sets));
    const peers = fc.oneof(
        fc
            .tuple(anyProtocol, ends)
            .map(([matches, [from, to]]) => ({ matches, from: { addresses: from }, to: { addresses: to } })),
        fc
            .tuple(withPorts, ends, fc.option(ports), fc.option(ports))
            .map(([matches, [from, to], source, destination]) => ({
                matches,
                from: { addresses: from, ...(source && { ports: source }) } as Peer,
                to: { addresses: to, ...(destination && { ports: destination }) } as Peer,
            })),
    );
    return fc
        .record({
            direction: fc.constantFrom("ingress" as const, "egress" as const),
            action: fc.constantFrom("accept" as const, "drop" as const, "reject" as const),
            peers,
            priority: fc.constantFrom(1000, 1000, 0, 900, 1_000_000),
        })
        .map(({ peers, ...rest }) => ({ ...rest, ...peers, matches: normalMatches(peers.matches), enabled: true }))
        .chain((rule) =>
            optionsOf(
                rule.action,
                rule.matches.every(({ protocol }) => protocol === "tcp"),
            ).map((options) => ({ ...rule, ...options })),
        );
}

/** Any policy in normal form of some rules, those that match nothing included. */
export function policiesOf(counts: { minLength?: number; maxLength: number }): fc.Arbitrary<Policy> {
    return sets.chain((sets) =>
        fc.record({
            rules: fc
                .array(rule(sets), { size: "max", ...counts })
                .map((rules) => rules.map((rule, i) => ({ key: `web.a/rule-${i}`, rule }))),
            sets: fc.constant(sets),
            defaults: fc.record({
                ingress: fc.constantFrom("accept" as const, "drop" as const),
                egress: fc.constantFrom("accept" as const, "drop" as const),
            }),
        }),
    );
}

export const policies = policiesOf({ maxLength: 8 });
