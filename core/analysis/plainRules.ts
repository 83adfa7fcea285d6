import { type AddressRange, mergeRanges } from "../model/addresses";
import type { KeyedRule, Policy } from "../model/policy";
import { mergePorts, type PortRange } from "../model/ports";
import type { Addresses, Direction, Peer, Protocol, Rule } from "../model/rule";

/**
 * The rules of one direction as fewer that accept the same packets. The order of rules in a row that all accept, or all refuse,
 * says nothing; so those of them that name one protocol and nothing but ports, or nothing but who, become one rule. The key of
 * such a rule is nobody's.
 */
export function joinPlainRules(policy: Policy, direction: Direction): Policy {
    const rules: KeyedRule[] = [];
    const plain = { ports: new Map<Protocol, Plain>(), who: new Map<Protocol, Plain>() };
    let accepts: boolean | undefined;
    const close = () => {
        for (const some of [...plain.ports.values(), ...plain.who.values()]) rules.push(asOne(rules.length, some));
        plain.ports.clear();
        plain.who.clear();
    };
    for (const keyed of policy.rules) {
        const { rule } = keyed;
        if (rule.direction !== direction) continue;
        if ((rule.action === "accept") !== accepts) close();
        accepts = rule.action === "accept";
        const sort = sortOf(rule);
        if (sort === undefined) {
            rules.push(keyed);
            continue;
        }
        const { protocol } = rule.matches[0]!;
        const some = plain[sort].get(protocol);
        if (some) add(some, rule);
        else plain[sort].set(protocol, startWith(keyed));
    }
    close();
    return { ...policy, rules };
}

/** Rules that differ in their ports alone, or in who. */
interface Plain {
    readonly first: KeyedRule;
    count: number;
    readonly ports: PortRange[];
    readonly ranges: AddressRange[];
}

function startWith(first: KeyedRule): Plain {
    const plain: Plain = { first, count: 0, ports: [], ranges: [] };
    add(plain, first.rule);
    return plain;
}

function add(some: Plain, rule: Rule): void {
    some.count++;
    const { addresses } = farEnd(rule);
    if (rule.to.ports) for (const range of rule.to.ports.ranges) some.ports.push(range);
    if (addresses.kind === "list") for (const range of addresses.ranges) some.ranges.push(range);
}

function asOne(place: number, { first, count, ports, ranges }: Plain): KeyedRule {
    if (count === 1) return first;
    const { rule } = first;
    const key = `${place} and more`;
    if (rule.to.ports)
        return { key, rule: { ...rule, to: { ...rule.to, ports: { ranges: mergePorts(ports), unknown: false } } } };
    const far: Peer = { addresses: { kind: "list", ranges: mergeRanges(ranges), sets: [], unknown: false } };
    return { key, rule: rule.direction === "ingress" ? { ...rule, from: far } : { ...rule, to: far } };
}

/** Which of the two it is all that a rule says; undefined: it says more than that. */
function sortOf(rule: Rule): "ports" | "who" | undefined {
    const { direction, matches, from, to, interfaces, states, flags, limit } = rule;
    const near = direction === "ingress" ? to : from;
    if (interfaces || states || flags || limit || from.ports || !isAnywhere(near.addresses)) return undefined;
    if (matches.length > 1 || matches[0]!.types) return undefined;
    const { addresses } = farEnd(rule);
    if (to.ports) return !to.ports.unknown && isAnywhere(addresses) ? "ports" : undefined;
    const isList = addresses.kind === "list" && !addresses.except && !addresses.unknown && addresses.sets.length === 0;
    return isList ? "who" : undefined;
}

function farEnd({ direction, from, to }: Rule): Peer {
    return direction === "ingress" ? from : to;
}

function isAnywhere(addresses: Addresses): boolean {
    return addresses.kind === "anywhere" && addresses.family === undefined && !addresses.except;
}
