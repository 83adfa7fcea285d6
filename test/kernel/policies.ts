import { type Family, mergeRanges, wholeFamily } from "../../core/model/addresses";
import { icmpMessageName } from "../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../core/model/normalRule";
import type { KeyedRule, NamedSet, Policy } from "../../core/model/policy";
import {
    type Addresses,
    type AddressList,
    DEFAULT_PRIORITY,
    type Limit,
    type Peer,
    type ProtocolMatch,
    type RejectAnswer,
    rejectAnswers,
    type Rule,
    ruleStates,
} from "../../core/model/rule";
import { flagForms } from "../../core/model/tcpFlags";
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

export function icmpCode(random: Random): number {
    return random.chance(0.9) ? random.below(5) : random.below(256);
}

/** Protocols without ports here. Some of them are headers between IPv6 and what follows: 0, 43, 44, 51, 59, 60. */
const NUMBERS = [0, 2, 33, 41, 43, 44, 47, 50, 51, 59, 60, 89, 112, 132, 136, 253, 255];

export function protocolNumber(random: Random): number {
    return random.pick(NUMBERS);
}

/** A policy whose rules overlap, in deciding order. */
export function policyFrom(random: Random, world: World, many = false): Policy {
    const sets = Array.from({ length: random.below(4) }, (_, i): NamedSet => ({
        name: `s${i}`,
        ranges: ranges(random, world, 5),
    }));
    // Few rules, each of which decides something, or many, behind which little is left.
    const count = 1 + random.below(random.chance(0.7) ? 16 : 50);
    const make = many ? plainRule : randomRule;
    const rules = Array.from({ length: many ? 50 + random.below(100) : count }, () => make(random, world, sets));
    if (many) rules.sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
    rules.sort((a, b) => a.priority - b.priority);
    const action = () => random.pick(["accept", "drop"] as const);
    return {
        rules: rules.map((rule, i): KeyedRule => ({ key: `t/r${i}`, rule })),
        sets,
        defaults: { ingress: action(), egress: action() },
    };
}

/**
 * The same policy where containers are decided by it: mostly by its rules for what arrives, and these may name interfaces
 * that have almost the names of bridges.
 */
export function coveringContainers(policy: Policy, random: Random): Policy {
    const rules = policy.rules.map(({ key, rule }): KeyedRule => {
        const direction = random.chance(0.7) ? "ingress" : rule.direction;
        const named = rule.interfaces &&
            random.chance(0.5) && { interfaces: [...rule.interfaces, random.pick(BRIDGES)] };
        return { key, rule: { ...rule, direction, ...named } };
    });
    return { ...policy, rules, forward: "containers" };
}

const BRIDGES = ["br*", "br0", "docker*", "docker0", "virbr*"];

const ORDER = ["drop", "reject", "accept"] as const;

/** One of few forms, so that many share each; now and then any. */
function plainRule(random: Random, world: World, sets: readonly NamedSet[]): Rule {
    if (random.chance(0.1)) return randomRule(random, world, sets);
    const some = (chance: number): Addresses => {
        if (!random.chance(chance)) return { kind: "anywhere" };
        const list = Array.from({ length: 1 + random.below(2) }, () => world.range(random.pick([4, 6] as const)));
        return normalAddresses({ ranges: mergeRanges(list), sets: [], unknown: false });
    };
    const matches = random.pick([[tcp], [tcp], [udp], [tcp, udp], [{ protocol: 47 }]]);
    const withPorts = matches.every(({ protocol }) => protocol === "tcp" || protocol === "udp");
    return {
        direction: random.chance(0.6) ? "ingress" : "egress",
        action: random.pick(["accept", "accept", "drop", "reject"] as const),
        matches: normalMatches(matches),
        from: peer(random, world, some(0.7), withPorts ? 0.1 : 0),
        to: peer(random, world, some(0.3), withPorts ? 0.9 : 0),
        priority: random.pick([DEFAULT_PRIORITY, DEFAULT_PRIORITY, 900]),
        enabled: true,
    };
}

function randomRule(random: Random, world: World, sets: readonly NamedSet[]): Rule {
    const matches = protocols(random);
    const withPorts = matches.every(({ protocol }) => protocol === "tcp" || protocol === "udp");
    const from = addresses(random, world, sets);
    const to = addresses(random, world, sets);
    const action = random.pick(["accept", "accept", "drop", "reject"] as const);
    return {
        direction: random.chance(0.6) ? "ingress" : "egress",
        action,
        matches,
        from: peer(random, world, from, withPorts ? 0.25 : 0),
        to: peer(random, world, to, withPorts ? 0.75 : 0),
        ...options(random, action, matches),
        priority: random.chance(0.8) ? DEFAULT_PRIORITY : random.below(2000),
        enabled: true,
    };
}

/** `tap0` is the one interface by which probes come and go. */
const INTERFACES = ["tap0", "tap*", "t*", "tap1", "wg*", "eth0"];

/** What rules say besides, each seldom, so that most rules still decide something. */
function options(random: Random, action: Rule["action"], matches: readonly ProtocolMatch[]): Partial<Rule> {
    const onlyTcp = matches.every(({ protocol }) => protocol === "tcp");
    const some = <T>(items: readonly T[]) => {
        const chosen = items.filter(() => random.chance(0.4));
        return chosen.length > 0 ? chosen : [random.pick(items)];
    };
    return {
        ...(random.chance(0.1) && { interfaces: some(INTERFACES).sort() }),
        ...(random.chance(0.1) && { states: some(ruleStates) }),
        ...(onlyTcp && random.chance(0.3) && { flags: some(flagForms) }),
        ...(action === "accept" && random.chance(0.05) && { limit: limit(random) }),
        ...(random.chance(0.05) && { log: random.pick([{}, { prefix: "here: " }]) }),
        ...(action === "reject" && random.chance(0.5) && { answer: answer(random, onlyTcp) }),
    };
}

function answer(random: Random, onlyTcp: boolean): RejectAnswer {
    return random.pick(onlyTcp ? ["tcp-reset", ...rejectAnswers] : rejectAnswers.filter((one) => one !== "tcp-reset"));
}

/** One that is soon used up, or one that never is. */
function limit(random: Random): Limit {
    const [rate, burst] = random.pick([
        [1, 1],
        [1, 40],
        [1_000_000, 65_535],
    ] as const);
    return { rate, per: "second", burst, perSource: random.chance(0.5) };
}

function protocols(random: Random): ProtocolMatch[] {
    const one = (): ProtocolMatch => {
        const protocol = random.pick(["tcp", "udp", "icmp", "icmpv6", protocolNumber(random)] as const);
        if ((protocol !== "icmp" && protocol !== "icmpv6") || random.chance(0.3)) return { protocol };
        const types = Array.from({ length: 1 + random.below(4) }, () => {
            const code = random.chance(0.3) ? { code: icmpCode(random) } : {};
            return icmpMessageName(protocol, { type: icmpType(random), ...code });
        });
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
    const list = (most: number): AddressList => {
        const named = sets.filter(() => random.chance(0.25)).map(({ name }) => ({ name }));
        return { ranges: ranges(random, world, most), sets: named, unknown: false };
    };
    const whole = (...families: Family[]) => ({ ranges: families.map(wholeFamily), sets: [], unknown: false });
    const except = random.chance(0.15) ? list(3) : undefined;
    if (random.chance(0.4)) return normalAddresses(whole(4, 6), except);
    if (random.chance(0.1)) return normalAddresses(whole(random.pick([4, 6] as const)), except);
    return normalAddresses(list(4), except);
}

function ranges(random: Random, world: World, most: number) {
    const count = random.chance(0.05) ? 0 : 1 + random.below(most);
    return mergeRanges(Array.from({ length: count }, () => world.range(random.pick([4, 6] as const))));
}
