import { type AddressRange, BITS, type Family } from "../../core/model/addresses";
import { icmpMessage } from "../../core/model/icmpTypes";
import type { Policy } from "../../core/model/policy";
import type { Addresses, Direction, PortList, Protocol, Rule } from "../../core/model/rule";
import { addressesOf, listsOf } from "../../core/model/storedPolicy";
import { rule } from "../core/dialects/nftables/build";
import { HEADERS_OF_IPV6, ICMP, ICMPV6, type Probe, TCP, UDP } from "./packet";
import { icmpCode, icmpType, protocolNumber } from "./policies";
import { forwarded, neverForwarded } from "./forwardedProbes";
import type { Random } from "./random";
import type { World } from "./world";

/** How often a probe starts from the base or a rule, and how often each of its fields then stays as the rule has it. */
const [NEAR_THE_BASE, NEAR_A_RULE, KEPT] = [0.04, 0.8, 0.88];

/** What the base names, so that its edges are asked about too. */
const BASE = [
    "accept udp from anywhere IPv4 port 67 to port 68",
    "accept udp from fe80::/10 port 547 to port 546",
    "accept icmpv6 130, 131, 132, 133, 134, 135, 136, 143 from anywhere",
    "egress accept udp from port 68 to anywhere IPv4 port 67",
    "egress accept udp from fe80::/10 port 546 to port 547",
    "egress accept icmpv6 130, 131, 132, 133, 134, 135, 136, 143 to anywhere",
].map(rule);

/**
 * Packets at the edges of what the rules of a policy say; without those that surely never reach a hook. Where the policy
 * decides what is forwarded to containers, they are forwarded.
 */
export function probesFor({ rules, sets, forward }: Policy, world: World, random: Random): () => Probe {
    const edgesOf = (rule: Rule) => ({
        rule,
        from: addressEdges(rule.from.addresses),
        to: addressEdges(rule.to.addresses),
        sourcePorts: portEdges(rule.from.ports),
        destinationPorts: portEdges(rule.to.ports),
    });
    const edges = rules.map(({ rule }) => edgesOf(rule));
    const base = BASE.map(edgesOf);

    function addressEdges(addresses: Addresses): Record<Family, readonly bigint[]> {
        const ranges = listsOf(addresses).flatMap((list) => addressesOf(list, sets).ranges);
        const of = (family: Family) => ranges.filter((range) => range.family === family).flatMap(around);
        return { 4: of(4), 6: of(6) };
    }

    const kept = () => random.chance(KEPT);

    function draw(): Probe {
        const start = random.chance(NEAR_THE_BASE) ? base : random.chance(NEAR_A_RULE) ? edges : [];
        const near = start.length > 0 ? random.pick(start) : undefined;
        const protocol = near && kept() ? protocolOf(near.rule, random) : anyProtocol(random);
        const family = familyFor(protocol.name, random, near && familyOf(near));
        const anyAddress = () => (random.chance(0.9) ? world.address(family) : random.bits(BITS[family]));
        const anyPort = () => (random.chance(0.9) ? world.port() : random.below(65536));
        const end = (own: readonly bigint[] = []) => (own.length > 0 && kept() ? random.pick(own) : anyAddress());
        const port = (own: readonly number[] = []) => (own.length > 0 && kept() ? random.pick(own) : anyPort());
        const { number } = protocol;
        return {
            direction: near && kept() ? near.rule.direction : random.pick<Direction>(["ingress", "egress"]),
            family,
            protocol: number,
            source: end(near?.from[family]),
            destination: end(near?.to[family]),
            ...((number === TCP || number === UDP) && {
                ...(number === TCP && { tcpFlags: flags(random) }),
                sourcePort: port(near?.sourcePorts),
                destinationPort: port(near?.destinationPorts),
            }),
            ...(number === (family === 4 ? ICMP : ICMPV6) && {
                icmpType: protocol.type ?? icmpType(random),
                icmpCode: protocol.code ?? icmpCode(random),
            }),
            interface: "tap0",
            hopLimit: random.pick([255, 255, 64, 254, 1]),
        };
    }

    return () => {
        for (;;) {
            const probe = forward ? forwarded(draw(), random) : draw();
            if (!(forward ? neverForwarded : neverReaches)(probe)) return probe;
        }
    };
}

function around({ family, first, last }: AddressRange): bigint[] {
    const wrapped = (address: bigint) => BigInt.asUintN(BITS[family], address);
    return [first, last, wrapped(first - 1n), wrapped(last + 1n)];
}

function portEdges(ports: PortList | undefined): number[] {
    return (ports?.ranges ?? []).flatMap(({ first, last }) => [first, last, first - 1, (last + 1) & 0xffff]);
}

/** Mostly how a connection begins; what rules name, what else a TCP sends, and anything. */
function flags(random: Random): number {
    if (random.chance(0.6)) return 0x02;
    return random.chance(0.8)
        ? random.pick([0x00, 0x29, 0x10, 0x12, 0x04, 0x14, 0x11, 0x42, 0xc2, 0x3f])
        : random.below(256);
}

interface SomeProtocol {
    readonly name: Protocol;
    readonly number: number;
    readonly type?: number;
    readonly code?: number;
}

const NAMED = { tcp: TCP, udp: UDP, icmp: ICMP, icmpv6: ICMPV6 } as const;

function protocolOf({ matches }: Rule, random: Random): SomeProtocol {
    const { protocol, types } = random.pick(matches);
    if (protocol === "any") return anyProtocol(random);
    if (typeof protocol === "number") return { name: protocol, number: protocol };
    if ((protocol !== "icmp" && protocol !== "icmpv6") || !types) return { name: protocol, number: NAMED[protocol] };
    const { type, code } = icmpMessage(protocol, random.pick(types))!;
    const near = (value: number) => (value + random.pick([0, 0, 0, 1, 255])) & 0xff;
    return {
        name: protocol,
        number: NAMED[protocol],
        type: near(type),
        ...(code !== undefined && { code: near(code) }),
    };
}

function anyProtocol(random: Random): SomeProtocol {
    const name = random.pick(["tcp", "tcp", "udp", "udp", "icmp", "icmpv6", protocolNumber(random)] as const);
    return { name, number: typeof name === "number" ? name : NAMED[name] };
}

/** Mostly the protocol's own; ICMP of the one family in the other is some protocol without a name. */
function familyFor(name: Protocol, random: Random, preferred?: Family): Family {
    if (random.chance(0.97)) {
        if (name === "icmp") return 4;
        if (name === "icmpv6") return 6;
        if (preferred && random.chance(KEPT)) return preferred;
    }
    return random.pick([4, 6] as const);
}

/** The one family that the addresses of a rule are of, if they are of one. */
function familyOf({ from, to }: Record<"from" | "to", Record<Family, readonly bigint[]>>): Family | undefined {
    const [four, six] = ([4, 6] as const).map((family) => from[family].length + to[family].length > 0);
    return four === six ? undefined : four ? 4 : 6;
}

/** What the kernel drops, or changes, before any table is asked. What it drops besides is seen as not reached. */
function neverReaches({ direction, family, protocol, source, destination }: Probe): boolean {
    if (family === 6 && HEADERS_OF_IPV6.includes(protocol)) return true;
    // A raw socket has the kernel fill in such a source.
    if (direction === "egress") return family === 4 && source === 0n;
    if (family === 6) {
        const toMany = destination >> 120n === 0xffn && destination !== ALL_NODES;
        return toMany || source >> 120n === 0xffn || source === 1n || destination === 1n;
    }
    const toMany = destination >> 28n === 0xen && destination !== ALL_HOSTS;
    return toMany || destination === 0n || source === 0n || source >> 28n === 0xen || source === 0xffffffffn;
}

/** The groups that every host joins: ff02::1 and 224.0.0.1. */
const [ALL_NODES, ALL_HOSTS] = [(0xff02n << 112n) + 1n, 0xe0000001n];
