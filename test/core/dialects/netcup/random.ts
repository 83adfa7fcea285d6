import fc from "fast-check";
import type { Packet } from "../../../../core/analysis/decide";
import { spaceOf } from "../../../../core/analysis/end";
import { CannotExpress } from "../../../../core/dialects/dialect";
import { render, rulesOf } from "../../../../core/dialects/netcup/render";
import type { AttachedPolicy, FirewallRule } from "../../../../core/dialects/netcup/rule";
import { type AddressRange, countPrefixes, type Family, mergeRanges } from "../../../../core/model/addresses";
import { referenceTo } from "../../../../core/model/addressSets";
import { normalAddresses, normalMatches, normalPorts } from "../../../../core/model/normalRule";
import type { NamedSet, Policy } from "../../../../core/model/policy";
import type { Addresses, Peer, ProtocolMatch, Rule } from "../../../../core/model/rule";
import type { PortRange } from "../../../../core/model/ports";
import { addressRange, families } from "../../arbitraries";

/** Lists that stay within what netcup takes. */
const shortRange = addressRange.filter((range) => countPrefixes([range], 5) <= 4);
const few = (maxLength: number) => fc.array(shortRange, { maxLength }).map(mergeRanges);

const namedSet: fc.Arbitrary<NamedSet> = few(3).map((ranges) => ({ name: "office", ranges }));

function addresses(set: NamedSet): fc.Arbitrary<Addresses> {
    const list = fc
        .record({ ranges: few(3), sets: fc.subarray([referenceTo(set)]) })
        .map((said) => ({ ...said, unknown: false }));
    const except = fc.option(fc.record({ ranges: few(1), sets: fc.constant([]), unknown: fc.constant(false) }), {
        nil: undefined,
        freq: 4,
    });
    const some = fc.tuple(list, except).map(([said, exceptions]) => normalAddresses(said, exceptions));
    const everywhere = fc
        .tuple(fc.option(families, { nil: undefined }), except)
        .map(([family, exceptions]): Addresses => {
            const said = exceptions && normalAddresses(exceptions);
            const left = said?.kind === "list" ? { except: said } : {};
            return { kind: "anywhere", ...(family && { family }), ...left };
        });
    return fc.oneof({ weight: 3, arbitrary: fc.constant<Addresses>({ kind: "anywhere" }) }, some, everywhere);
}

const port = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 65535 }), fc.constant(65535));
const ports = fc
    .array(
        fc.tuple(port, port, fc.boolean()).map(([a, b, single]): PortRange => {
            return { first: Math.min(a, b), last: single ? Math.min(a, b) : Math.max(a, b) };
        }),
        { minLength: 1, maxLength: 3 },
    )
    .map((ranges) => normalPorts({ ranges, unknown: false }));

const icmp = (action: Rule["action"]): fc.Arbitrary<ProtocolMatch> =>
    fc.constantFrom("icmp" as const, "icmpv6" as const).chain((protocol) => {
        const types = fc.constantFrom(
            ["echo-request"],
            ["time-exceeded"],
            ["echo-request", "destination-unreachable/1"],
        );
        return (action === "drop" ? fc.constant(undefined) : fc.option(types, { nil: undefined })).map((said) => ({
            protocol,
            ...(said && { types: said }),
        }));
    });

function ruleOf(set: NamedSet): fc.Arbitrary<Rule> {
    return fc.constantFrom<Rule["action"]>("accept", "accept", "drop").chain((action) => {
        const withPorts = fc.record({
            matches: fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }], { minLength: 1 }),
            fromPorts: fc.option(ports, { nil: undefined, freq: 2 }),
            toPorts: fc.option(ports, { nil: undefined, freq: 4 }),
        });
        const without = fc.record({
            matches: fc.array(
                fc.oneof(icmp(action), fc.constantFrom<ProtocolMatch>({ protocol: "tcp" }, { protocol: "any" })),
                {
                    minLength: 1,
                    maxLength: 2,
                },
            ),
            fromPorts: fc.constant(undefined),
            toPorts: fc.constant(undefined),
        });
        return fc
            .record({
                direction: fc.constantFrom("ingress" as const, "egress" as const),
                from: addresses(set),
                to: addresses(set),
                what: fc.oneof({ weight: 3, arbitrary: withPorts }, without),
            })
            .map(({ direction, from, to, what: { matches, fromPorts, toPorts } }) => ({
                direction,
                action,
                matches: normalMatches(matches),
                from: peer(from, fromPorts),
                to: peer(to, toPorts),
                priority: 1000,
                enabled: true,
            }));
    });
}

function peer(addresses: Addresses, ports: Peer["ports"]): Peer {
    return { addresses, ...(ports && { ports }) };
}

const action = fc.constantFrom("accept" as const, "drop" as const);

/** What netcup can say, save that it may be too much of it. */
export const policies: fc.Arbitrary<Policy> = namedSet.chain((set) =>
    fc
        .record({
            rules: fc.array(ruleOf(set), { maxLength: 6 }),
            defaults: fc.record({ ingress: action, egress: action }),
        })
        .map(({ rules, defaults }) => ({
            rules: rules.map((rule, index) => ({ key: `t/${index}`, rule })),
            sets: [set],
            defaults,
        })),
);

const NETWORKS = [
    "10.0.0.0/30",
    "10.0.0.2",
    "0.0.0.0/0",
    "192.0.2.7/24",
    "a00::/126",
    "a00::3",
    "::/1",
    "2001:db8::/32",
];
const PORTS = [null, "3", "3-5", "1-9", "65535", "4-65535"];

/** Rules as a panel may hold them, whoever wrote them there. */
const stored: fc.Arbitrary<FirewallRule> = fc
    .record({
        direction: fc.constantFrom("INGRESS" as const, "EGRESS" as const),
        protocol: fc.constantFrom("TCP" as const, "UDP" as const, "ICMP" as const, "ICMPv6" as const),
        action: fc.constantFrom("ACCEPT" as const, "DROP" as const),
        sources: fc.option(fc.subarray(NETWORKS, { maxLength: 3 }), { nil: null }),
        destinations: fc.option(fc.subarray(NETWORKS, { maxLength: 2 }), { nil: null }),
        sourcePorts: fc.constantFrom(...PORTS),
        destinationPorts: fc.constantFrom(...PORTS),
    })
    .map(({ sourcePorts, destinationPorts, ...rule }) => {
        const hasPorts = rule.protocol === "TCP" || rule.protocol === "UDP";
        return { ...rule, ...(hasPorts && { sourcePorts, destinationPorts }) };
    });

export const attachedPolicies: fc.Arbitrary<AttachedPolicy[]> = fc
    .array(fc.record({ copied: fc.boolean(), rules: fc.array(stored, { maxLength: 5 }) }), { maxLength: 3 })
    .map((list) => list.map((policy, index) => ({ name: `p${index}`, ...policy })));

/** Values at which something may change, and what is beside them. */
export interface Boundaries {
    readonly addresses: Readonly<Record<Family, readonly bigint[]>>;
    readonly ports: readonly number[];
}

const TOP = { 4: 2n ** 32n - 1n, 6: 2n ** 128n - 1n } as const;

export function boundariesOf(ranges: readonly AddressRange[], ports: readonly PortRange[]): Boundaries {
    const addressesOf = (family: Family) => {
        const own = ranges.filter((range) => range.family === family);
        const all = own.flatMap(({ first, last }) => [first - 1n, first, last, last + 1n]);
        return [...new Set([0n, TOP[family], 0xcb007109n, ...all])].filter((each) => each >= 0n && each <= TOP[family]);
    };
    const edges = ports.flatMap(({ first, last }) => [first - 1, first, last, last + 1]);
    const within = [...new Set([1, 40000, 65535, ...edges])].filter((each) => each >= 1 && each <= 65535);
    return { addresses: { 4: addressesOf(4), 6: addressesOf(6) }, ports: within };
}

/** Numbers from 0 to below `count`. */
export type Below = (count: number) => number;

/** A packet there, in either direction and state; mostly of the protocols that netcup names. */
export function packetAt({ addresses, ports }: Boundaries, below: Below): Packet {
    const pick = <Item>(list: readonly Item[]) => list[below(list.length)]!;
    const family = pick([4, 6] as const);
    const protocol = pick([6, 6, 17, 17, 17, family === 4 ? 1 : 58, family === 4 ? 1 : 58, 1, 58, 47]);
    const hasPorts = protocol === 6 || protocol === 17;
    const isIcmp = protocol === (family === 4 ? 1 : 58);
    return {
        direction: pick(["ingress", "egress"] as const),
        family,
        protocol,
        source: pick(addresses[family]),
        destination: pick(addresses[family]),
        ...(hasPorts && { sourcePort: pick(ports), destinationPort: pick(ports) }),
        ...(isIcmp && { icmpType: pick([0, 3, 8, 128, 129]), icmpCode: pick([0, 1]) }),
        state: pick(["new", "new", "established"] as const),
    };
}

/** Undefined: it is too much for netcup, which is all that a random policy may be. */
export function renderedIfSmall(policy: Policy): FirewallRule[] | undefined {
    try {
        return rulesOf(render(policy));
    } catch (error) {
        if (error instanceof CannotExpress && error.problem.startsWith("it takes more than the 500")) return undefined;
        throw error;
    }
}

/** The boundaries of all its rules. */
export function boundariesIn({ rules, sets }: Policy): Boundaries {
    const peers = rules.flatMap(({ rule: { from, to } }) => [from, to]);
    return boundariesOf(
        peers.flatMap(({ addresses }) => spaceOf(addresses, sets)),
        peers.flatMap(({ ports }) => ports?.ranges ?? []),
    );
}
