import type { Policy } from "../../core/model/policy";
import { type Addresses, DEFAULT_PRIORITY, type Peer, type ProtocolMatch, type Rule } from "../../core/model/rule";
import { listsOf } from "../../core/model/storedPolicy";
import type { Probe } from "./packet";

export interface Case {
    readonly policy: Policy;
    readonly probe: Probe;
}

/** More tries than this are never worth the wait. */
const MOST_TRIES = 2000;

/** The smallest policy and the plainest packet that still disagree: whole rules go first, then parts of what is left. */
export function reduce(found: Case, disagrees: (smaller: Case) => boolean): Case {
    let [smallest, tries] = [found, 0];
    for (;;) {
        let next: Case | undefined;
        for (const candidate of smaller(smallest)) {
            if (++tries > MOST_TRIES) return smallest;
            if (!disagrees(candidate)) continue;
            next = candidate;
            break;
        }
        if (!next) return smallest;
        smallest = next;
    }
}

function* smaller({ policy, probe }: Case): Generator<Case> {
    for (const rules of withoutOne(policy.rules)) yield { policy: { ...policy, rules }, probe };
    const used = new Set(policy.rules.flatMap(({ rule }) => [...namesOf(rule.from), ...namesOf(rule.to)]));
    const unused = policy.sets.filter(({ name }) => !used.has(name));
    if (unused.length > 0)
        yield { policy: { ...policy, sets: policy.sets.filter(({ name }) => used.has(name)) }, probe };
    for (const [i, { key, rule }] of policy.rules.entries())
        for (const less of smallerRules(rule))
            yield { policy: { ...policy, rules: policy.rules.with(i, { key, rule: less }) }, probe };
    for (const [i, set] of policy.sets.entries())
        for (const ranges of withoutOne(set.ranges))
            yield { policy: { ...policy, sets: policy.sets.with(i, { ...set, ranges }) }, probe };
    for (const plainer of plainerProbes(probe)) yield { policy, probe: plainer };
}

function namesOf({ addresses }: Peer): string[] {
    return listsOf(addresses).flatMap(({ sets }) => sets.map(({ name }) => name));
}

function* smallerRules(rule: Rule): Generator<Rule> {
    if (rule.matches.length > 1) for (const matches of withoutOne(rule.matches)) yield { ...rule, matches };
    for (const [i, match] of rule.matches.entries())
        for (const less of smallerMatches(match)) yield { ...rule, matches: rule.matches.with(i, less) };
    for (const from of smallerPeers(rule.from)) yield { ...rule, from };
    for (const to of smallerPeers(rule.to)) yield { ...rule, to };
    for (const option of ["interfaces", "states", "flags", "limit", "log", "answer"] as const) {
        const { [option]: said, ...others } = rule;
        if (said) yield others;
        if (Array.isArray(said) && said.length > 1)
            for (const less of withoutOne(said)) yield { ...rule, [option]: less };
    }
    if (rule.priority !== DEFAULT_PRIORITY) yield { ...rule, priority: DEFAULT_PRIORITY };
}

function* smallerMatches({ protocol, types }: ProtocolMatch): Generator<ProtocolMatch> {
    if (!types) return;
    yield { protocol };
    if (types.length > 1) for (const less of withoutOne(types)) yield { protocol, types: less };
}

function* smallerPeers({ addresses, ports }: Peer): Generator<Peer> {
    if (ports) {
        yield { addresses };
        for (const ranges of withoutOne(ports.ranges)) yield { addresses, ports: { ...ports, ranges } };
    }
    for (const less of smallerAddresses(addresses)) yield ports ? { addresses: less, ports } : { addresses: less };
}

function* smallerAddresses({ except, ...addresses }: Addresses): Generator<Addresses> {
    if (except) {
        yield addresses;
        for (const ranges of withoutOne(except.ranges)) yield { ...addresses, except: { ...except, ranges } };
        for (const sets of withoutOne(except.sets)) yield { ...addresses, except: { ...except, sets } };
    }
    for (const less of smallerLists(addresses)) yield except ? { ...less, except } : less;
}

function* smallerLists(addresses: Addresses): Generator<Addresses> {
    if (addresses.kind === "list") {
        yield { kind: "anywhere" };
        for (const ranges of withoutOne(addresses.ranges)) yield { ...addresses, ranges };
        for (const sets of withoutOne(addresses.sets)) yield { ...addresses, sets };
    } else if (addresses.family !== undefined) yield { kind: "anywhere" };
}

function* plainerProbes(probe: Probe): Generator<Probe> {
    const plain: Partial<Probe> = {
        hopLimit: 64,
        ...(probe.sourcePort !== undefined && { sourcePort: 1024 }),
        ...(probe.icmpCode !== undefined && { icmpCode: 0 }),
        ...(probe.tcpFlags !== undefined && { tcpFlags: 0x02 }),
        source: probe.family === 4 ? 0xc0000201n : (0x20010db8n << 96n) + 1n,
        destination: probe.family === 4 ? 0xc000020an : (0x20010db8n << 96n) + 10n,
    };
    if (probe.forwarded) {
        const { forwarded } = probe;
        if (probe.interface !== "tap0") yield { ...probe, interface: "tap0" };
        if (forwarded.leavesBy !== "docker0") yield { ...probe, forwarded: { ...forwarded, leavesBy: "docker0" } };
    }
    for (const [field, value] of Object.entries(plain))
        if (probe[field as keyof Probe] !== value) yield { ...probe, [field]: value };
}

function* withoutOne<T>(items: readonly T[]): Generator<T[]> {
    for (const index of items.keys()) yield items.toSpliced(index, 1);
}
