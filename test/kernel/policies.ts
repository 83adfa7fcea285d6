import { mergeRanges } from "../../core/model/addresses";
import { icmpTypeName } from "../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../core/model/normalRule";
import type { KeyedRule, NamedSet, Policy } from "../../core/model/policy";
import { type Addresses, DEFAULT_PRIORITY, type Peer, type ProtocolMatch, type Rule } from "../../core/model/rule";
import type { Random } from "./random";
import type { World } from "./world";

/** Types that the base names and their neighbours, those that are asked for most, and any. */
const ICMP_TYPES = [
    0, 3, 5, 8, 9, 10, 11, 13, 15, 17, 18, 30, 40, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 139, 143, 144, 151,
    255,
];

export function icmpType(random: Random): number {
    return random.chance(0.8) ? random.pick(ICMP_TYPES) : random.below(256);
}

/** Protocols without ports here. Some of them are headers between IPv6 and what follows: 0, 43, 44, 51, 59, 60. */
const NUMBERS = [0, 2, 33, 41, 43, 44, 47, 50, 51, 59, 60, 89, 112, 132, 136, 253, 255];

export function protocolNumber(random: Random): number {
    return random.pick(NUMBERS);
}

/** A policy whose rules overlap, in deciding order. */
export function policyFrom(random: Random, world: World): Policy {
    const sets = Array.from({ length: random.below(4) }, (_, i): NamedSet => ({
        name: `s${i}`,
        ranges: ranges(random, world, 5),
    }));
    // Few rules, each of which decides something, or many, behind which little is left.
    const count = 1 + random.below(random.chance(0.7) ? 16 : 50);
    const rules = Array.from({ length: count }, () => randomRule(random, world, sets));
    rules.sort((a, b) => a.priority - b.priority);
    const action = () => random.pick(["accept", "drop"] as const);
    return {
        rules: rules.map((rule, i): KeyedRule => ({ key: `t/r${i}`, rule })),
        sets,
        defaults: { ingress: action(), egress: action() },
    };
}

function randomRule(random: Random, world: World, sets: readonly NamedSet[]): Rule {
    const matches = protocols(random);
    const withPorts = matches.every(({ protocol }) => protocol === "tcp" || protocol === "udp");
    const from = addresses(random, world, sets);
    const to = addresses(random, world, sets);
    return {
        direction: random.chance(0.6) ? "ingress" : "egress",
        action: random.pick(["accept", "accept", "drop", "reject"] as const),
        matches,
        from: peer(random, world, from, withPorts ? 0.25 : 0),
        to: peer(random, world, to, withPorts ? 0.75 : 0),
        priority: random.chance(0.8) ? DEFAULT_PRIORITY : random.below(2000),
        enabled: true,
    };
}

function protocols(random: Random): ProtocolMatch[] {
    const one = (): ProtocolMatch => {
        const protocol = random.pick(["tcp", "udp", "icmp", "icmpv6", protocolNumber(random)] as const);
        if ((protocol !== "icmp" && protocol !== "icmpv6") || random.chance(0.3)) return { protocol };
        const types = Array.from({ length: 1 + random.below(4) }, () => icmpTypeName(protocol, icmpType(random)));
        return { protocol, types };
    };
    if (random.chance(0.1)) return [{ protocol: "any" }];
    if (random.chance(0.5)) return normalMatches(random.pick([[tcp], [tcp], [udp], [tcp, udp]]));
    return normalMatches(Array.from({ length: 1 + random.below(4) }, one));
}

const tcp: ProtocolMatch = { protocol: "tcp" };
const udp: ProtocolMatch = { protocol: "udp" };

function peer(random: Random, world: World, addresses: Addresses, probability: number): Peer {
    if (!random.chance(probability)) return { addresses };
    // None at all can't be said by a user, but a host may hold such a rule.
    const count = random.chance(0.02) ? 0 : 1 + random.below(4);
    const ports = Array.from({ length: count }, () => world.portRange());
    return { addresses, ports: normalPorts({ ranges: ports, unknown: false }) };
}

function addresses(random: Random, world: World, sets: readonly NamedSet[]): Addresses {
    if (random.chance(0.4)) return { kind: "anywhere" };
    if (random.chance(0.1)) return { kind: "anywhere", family: random.pick([4, 6] as const) };
    const named = sets.filter(() => random.chance(0.25)).map(({ name }) => ({ name }));
    return normalAddresses({ ranges: ranges(random, world, 4), sets: named, unknown: false });
}

function ranges(random: Random, world: World, most: number) {
    const count = random.chance(0.05) ? 0 : 1 + random.below(most);
    return mergeRanges(Array.from({ length: count }, () => world.range(random.pick([4, 6] as const))));
}
