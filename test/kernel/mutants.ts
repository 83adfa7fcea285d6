import { type AddressRange, BITS } from "../../core/model/addresses";
import { icmpMessage, icmpMessageName } from "../../core/model/icmpTypes";
import type { KeyedRule, Policy } from "../../core/model/policy";
import type { Addresses, Rule } from "../../core/model/rule";
import { DEVICES, isBridge } from "./devices";
import { type Base, basePasses, disagreement, expected } from "./model";
import type { Observation } from "./kernel";
import { type Probe, UDP } from "./packet";
import { probesFor } from "./probes";
import type { Random } from "./random";
import { CONTAINER, CONTAINER_PORT, type Way } from "./ways";
import type { World } from "./world";

/** A policy that is wrong in one place, by little. */
export interface Mutant {
    readonly policy: Policy;
    /** The rule as it was and as it is now. */
    readonly rules: readonly KeyedRule[];
}

export function mutate(policy: Policy, random: Random): Mutant {
    for (;;) {
        const index = random.below(policy.rules.length);
        const { key, rule } = policy.rules[index]!;
        const wrong = random.pick(CHANGES)(rule, random);
        if (!wrong) continue;
        const rules = policy.rules.with(index, { key, rule: wrong });
        return { policy: { ...policy, rules }, rules: [policy.rules[index]!, rules[index]!] };
    }
}

type Change = (rule: Rule, random: Random) => Rule | undefined;

/** Each where the rule has what it changes. */
const CHANGES: readonly Change[] = [
    (rule, random) => ({ ...rule, action: random.pick(OTHER_ACTIONS[rule.action]) }),
    (rule, random) => changedPorts(rule, "from", random),
    (rule, random) => changedPorts(rule, "to", random),
    (rule, random) => changedAddresses(rule, "from", random),
    (rule, random) => changedAddresses(rule, "to", random),
    changedTypes,
    changedOption,
    changedExceptions,
    (rule) => ({ ...rule, direction: rule.direction === "ingress" ? "egress" : "ingress" }),
];

const OTHER_ACTIONS = { accept: ["drop", "reject"], drop: ["accept", "reject"], reject: ["accept", "drop"] } as const;

/** One port more or less at an end of a range. */
function changedPorts(rule: Rule, end: "from" | "to", random: Random): Rule | undefined {
    const { ports } = rule[end];
    if (!ports || ports.ranges.length === 0) return undefined;
    const index = random.below(ports.ranges.length);
    const { first, last } = ports.ranges[index]!;
    const by = random.pick([-1, 1]);
    const changed = random.chance(0.5) ? { first: first + by, last } : { first, last: last + by };
    return { ...rule, [end]: { ...rule[end], ports: { ...ports, ranges: ports.ranges.with(index, changed) } } };
}

function changedAddresses(rule: Rule, end: "from" | "to", random: Random): Rule | undefined {
    const { addresses } = rule[end];
    if (addresses.kind !== "list" || addresses.ranges.length === 0) return undefined;
    const index = random.below(addresses.ranges.length);
    const ranges = addresses.ranges.with(index, changedRange(addresses.ranges[index]!, random));
    const changed: Addresses = { ...addresses, ranges };
    return { ...rule, [end]: { ...rule[end], addresses: changed } };
}

/** One address more or less at an end, or as a prefix that is one bit shorter would have it: twice as long. */
function changedRange({ family, first, last }: AddressRange, random: Random): AddressRange {
    const top = (1n << BigInt(BITS[family])) - 1n;
    const size = last - first + 1n;
    const end = random.pick([last + 1n, last - 1n, last + size]);
    return { family, first, last: end < first ? last + 1n : end > top ? top - 1n : end };
}

function changedTypes(rule: Rule, random: Random): Rule | undefined {
    const index = rule.matches.findIndex(({ types }) => types);
    const { protocol, types } = rule.matches[index] ?? {};
    if (!types || (protocol !== "icmp" && protocol !== "icmpv6")) return undefined;
    const other = random.below(types.length);
    const { type, code } = icmpMessage(protocol, types[other]!)!;
    const next = (value: number) => (value + 1) & 0xff;
    const message = code === undefined || random.chance(0.5) ? { type: next(type) } : { type };
    const name = icmpMessageName(protocol, { ...message, ...(code !== undefined && { code: next(code) }) });
    return { ...rule, matches: rule.matches.with(index, { protocol, types: types.with(other, name) }) };
}

/** What a rule says besides, forgotten or another. */
function changedOption(rule: Rule, random: Random): Rule | undefined {
    const said = (["interfaces", "states", "flags", "answer"] as const).filter((option) => rule[option]);
    if (said.length === 0) return undefined;
    const { [random.pick(said)]: _forgotten, ...others } = rule;
    return others;
}

function changedExceptions(rule: Rule): Rule | undefined {
    const { except, ...addresses } = rule.from.addresses;
    return except && { ...rule, from: { ...rule.from, addresses } };
}

/** Bases that are wrong by little, by what they do. */
const WRONG_BASES: Readonly<Record<string, Base>> = {
    "neighbour discovery from one hop away": (probe) =>
        basePasses({ ...probe, hopLimit: probe.hopLimit === 254 ? 255 : probe.hopLimit }),
    "redirects too": (probe) => probe.icmpType === 137 || basePasses(probe),
    "no router advertisements": (probe) => probe.icmpType !== 134 && basePasses(probe),
    "listeners that are done forgotten": (probe) => probe.icmpType !== 132 && basePasses(probe),
    "echo requests too": (probe) => probe.icmpType === 128 || basePasses(probe),
    "DHCPv6 from everywhere": (probe) => basePasses({ ...probe, ...(probe.family === 6 && { source: LINK_LOCAL }) }),
    "no DHCP": (probe) => probe.protocol !== UDP && basePasses(probe),
    "DHCP the wrong way round": (probe) =>
        basePasses(probe.protocol === UDP ? { ...probe, direction: OTHER[probe.direction] } : probe),
};

/** What is forwarded taken for something else, by what a model that is wrong in this would say. */
const WRONG_FORWARDING: Readonly<Record<string, (probe: Probe) => Probe>> = {
    "what asks for a container itself is decided too": (probe) => alteredWay(probe, { translated: "port" }),
    "the container's port decides": (probe) => ({
        ...probe,
        ...(probe.destinationPort !== undefined && { destinationPort: CONTAINER_PORT }),
    }),
    "the container's address decides": (probe) => ({ ...probe, destination: CONTAINER[probe.family] }),
    "what containers ask for is decided too": (probe) =>
        isBridge(probe.interface) ? { ...probe, interface: "x" } : probe,
    "br0 is a bridge of containers": (probe) => leaving(probe, "br0", "docker0"),
    "docker1 is one": (probe) => leaving(probe, "docker1", "docker0"),
    "what comes from br0 comes from one": (probe) =>
        probe.interface === "br0" ? { ...probe, interface: "docker0" } : probe,
    ...Object.fromEntries(
        DEVICES.filter(isBridge).map((bridge) => [
            `${bridge} is none`,
            (probe: Probe) => leaving(probe, bridge, "tap1"),
        ]),
    ),
    "all packets of TCP are new": (probe) => ({ ...probe, ...(probe.tcpFlags !== undefined && { tcpFlags: 0x02 }) }),
};

function alteredWay(probe: Probe, way: Partial<Way>): Probe {
    return probe.forwarded ? { ...probe, forwarded: { ...probe.forwarded, ...way } } : probe;
}

function leaving(probe: Probe, by: string, instead: string): Probe {
    return probe.forwarded?.leavesBy === by ? alteredWay(probe, { leavesBy: instead }) : probe;
}

const LINK_LOCAL = 0xfe80n << 112n;
const OTHER = { ingress: "egress", egress: "ingress" } as const;

type Judge = (probe: Probe, seen: Observation) => string | undefined;

/** What models find amiss that have the policy right, and the base or forwarding wrong by little. */
export function wrongModels(policy: Policy): Readonly<Record<string, Judge>> {
    const judges = policy.forward
        ? Object.entries(WRONG_FORWARDING).map(([name, taken]): [string, Judge] => [
              name,
              (probe, seen) => disagreement(policy, taken(probe), seen),
          ])
        : Object.entries(WRONG_BASES).map(([name, base]): [string, Judge] => [
              name,
              (probe, seen) => disagreement(policy, probe, seen, base),
          ]);
    return Object.fromEntries(judges);
}

/** Does the mutant decide otherwise for any of many packets at the edges of what was changed? */
export function changesVerdict(policy: Policy, mutant: Mutant, world: World, random: Random): boolean {
    const next = probesFor({ ...policy, rules: mutant.rules }, world, random);
    for (let i = 0; i < 3000; i++) {
        const probe = next();
        const [right] = expected(policy, probe);
        const [wrong] = expected(mutant.policy, probe);
        if (right!.verdict !== wrong!.verdict) return true;
    }
    return false;
}
