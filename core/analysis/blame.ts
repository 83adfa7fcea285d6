import type { Policy } from "../model/policy";
import type { PortRange } from "../model/ports";
import { decideAmong, DEFAULT_ACTION, matchesBesidesPort, type Packet } from "./decide";
import { deciderOf } from "./decider";
import { EVERY_PORT } from "./pieces";

/** Packets that differ in their destination port alone; `ports` absent: the one packet. */
export interface Alike {
    readonly packet: Packet;
    readonly ports?: readonly PortRange[];
}

/** How many rules are asked about a port by itself in the time that one takes which is asked about all of them. */
const RULES_PER_PORT = 20;

/** For so many groups it is not worth it to sort rules by what they are about. */
const FEW = 8;

/**
 * For each of these: the keys of the rules that decide some of its packets, in deciding order, `default action` last. The policy
 * is wholly known.
 */
export function blameFor(policy: Policy, all: readonly Alike[]): string[][] {
    const decide = all.length > FEW ? deciderOf(policy) : undefined;
    return all.map(({ packet, ports }) => {
        if (!ports) return [(decide?.(packet) ?? decideAmong(policy, policy.rules, packet)).by];
        const numbers = numbersIn(ports);
        if (!decide || numbers.length * RULES_PER_PORT >= policy.rules.length)
            return amongPorts(policy, packet, numbers);
        const keys = new Set(numbers.map((port) => decide({ ...packet, destinationPort: port }).by));
        return inOrder(policy, keys);
    });
}

function numbersIn(ports: readonly PortRange[]): number[] {
    const numbers: number[] = [];
    for (const { first, last } of ports) for (let port = first; port <= last; port++) numbers.push(port);
    return numbers;
}

function inOrder({ rules }: Policy, keys: ReadonlySet<string>): string[] {
    if (keys.size === 1) return [...keys];
    const found = rules.map(({ key }) => key).filter((key) => keys.has(key));
    return keys.has(DEFAULT_ACTION) ? [...found, DEFAULT_ACTION] : found;
}

const EVERYTHING: readonly PortRange[] = [EVERY_PORT];

/** Each rule takes the ports that are left to it. */
function amongPorts({ rules, sets }: Policy, packet: Packet, ports: readonly number[]): string[] {
    const left = openPorts(ports);
    const keys: string[] = [];
    for (const { key, rule } of rules) {
        if (!left.any()) return keys;
        if (!matchesBesidesPort(rule, packet, sets)) continue;
        let decides = false;
        for (const range of rule.to.ports?.ranges ?? EVERYTHING) if (left.take(range)) decides = true;
        if (decides) keys.push(key);
    }
    return left.any() ? [...keys, DEFAULT_ACTION] : keys;
}

/** Ports that are taken, each once. */
function openPorts(ports: readonly number[]) {
    // The place of the next port that is left, from each place on; shortened whenever it is followed.
    const next = Array.from({ length: ports.length + 1 }, (_, place) => place);
    const leftFrom = (place: number): number => {
        let at = place;
        while (next[at] !== at) at = next[at] = next[next[at]!]!;
        return at;
    };
    return {
        any: () => leftFrom(0) < ports.length,
        /** Is any of these left? They are not, after that. */
        take({ first, last }: PortRange): boolean {
            const start = leftFrom(placeOf(ports, first));
            let place = start;
            for (; place < ports.length && ports[place]! <= last; place = leftFrom(place)) next[place] = place + 1;
            return place > start;
        },
    };
}

/** Of the first that is no smaller. */
function placeOf(ports: readonly number[], port: number): number {
    let low = 0;
    let high = ports.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (ports[middle]! < port) low = middle + 1;
        else high = middle;
    }
    return low;
}
