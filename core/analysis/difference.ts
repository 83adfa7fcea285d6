import type { Packet } from "./decide";
import type { Addresses, Direction, Rule } from "../model/rule";
import type { Policy } from "../model/policy";
import type { PortRange } from "../model/ports";
import { notKnownYet } from "../model/storedPolicy";
import { blameFor } from "./blame";
import { type Diagram, type Diagrams, openDiagrams, TooMuchWork } from "./diagram";
import { formatAccess } from "./formatAccess";
import { interfacesOf } from "./interfaces";
import { joinDiagrams } from "./joinNeighbours";
import { type MatchSet, matchSets } from "./matchSets";
import { butNot } from "./operations";
import { lastOf } from "./packetFields";
import { type Traffic, trafficIn } from "./traffic";
import { joinPlainRules } from "./plainRules";
import { type WhatDiffers, whatDiffers } from "./whatDiffers";
import { openWitness } from "./witness";

/** Traffic that one of two policies accepts and the other does not. */
export interface Change {
    readonly direction: Direction;
    /** `tcp 443, 8000-8080`: all ports for which the same people are let in or shut out; of very many the first few. */
    readonly what: string;
    /** All of these ports, however many; absent: not of TCP or UDP alone. */
    readonly ports?: readonly PortRange[];
    /** As an exposure says it. */
    readonly who: string;
    /** One of its packets. */
    readonly packet: Packet;
    /**
     * What decides before and after of this packet, at each of the ports: keys of rules in deciding order, and
     * `default action` last.
     */
    readonly before: readonly string[];
    readonly after: readonly string[];
    /** It depends on values that are not known yet. */
    readonly perhaps?: true;
}

export interface Difference {
    readonly opened: readonly Change[];
    readonly closed: readonly Change[];
    /** Directions whose rules cross each other in too many ways: nothing is said of them. */
    readonly notAnalysed: readonly Direction[];
}

/**
 * What a change of rules opens and closes, exactly, however the rules are written. Both policies are looked at with one
 * table, so that what they share is looked at once. Limits are taken as never used up.
 */
export function difference(before: Policy, after: Policy): Difference {
    const diagrams = openDiagrams(lastOf, MOST_WORK);
    const differing = whatDiffers(before, after);
    const known = { before: allKnown(differing.before), after: allKnown(differing.after) };
    const found = (["ingress", "egress"] as const).map((direction) => {
        try {
            return inDirection(diagrams, differing, known, direction);
        } catch (error) {
            if (error instanceof TooMuchWork) return { opened: [], closed: [], notAnalysed: [direction] };
            throw error;
        }
    });
    return {
        opened: found.flatMap(({ opened }) => opened),
        closed: found.flatMap(({ closed }) => closed),
        notAnalysed: found.flatMap(({ notAnalysed }) => notAnalysed),
    };
}

const MOST_WORK = 4_000_000;

/** `known`: both with nothing left to be known, as their rules are blamed. */
function inDirection(
    diagrams: Diagrams,
    { before, after, common }: WhatDiffers,
    known: Pick<WhatDiffers, "before" | "after">,
    direction: Direction,
): Difference {
    const interfaces = interfacesOf(before, after);
    const rules = matchSets(diagrams, joinPlainRules(before, direction), direction, interfaces);
    const shared = new Map(rules.filter(({ key }) => common.has(key)).map((set) => [set.key, set]));
    const old = acceptedBy(diagrams, before, direction, rules);
    const newRules = matchSets(diagrams, joinPlainRules(after, direction), direction, interfaces, shared);
    const fresh = acceptedBy(diagrams, after, direction, newRules);
    const witnessOf = openWitness(diagrams, direction, interfaces);
    const said = new Map<string, string>();
    /** Much traffic has the same people, and words cost more than all else. */
    const whoIn = ({ what, rest }: Traffic) => {
        const families = familiesOf(what);
        const key = `${rest} ${families.join()}`;
        const before = said.get(key);
        const who = before ?? formatAccess(diagrams, { known: rest, lost: [], gained: [] }, { direction, families });
        said.set(key, who);
        return who;
    };
    const changes = (packets: Diagram, perhaps: boolean): Change[] => {
        if (packets === 0) return [];
        const all = trafficIn(diagrams, packets, direction, interfaces);
        const alike = all.map((traffic) => ({ ...traffic, packet: witnessOf(traffic.packets)! }));
        const was = blameFor(known.before, alike);
        const is = blameFor(known.after, alike);
        return alike.flatMap((each, i): Change[] => {
            const { what, ports, packet } = each;
            const who = whoIn(each);
            // Such as ICMP of one family within packets of the other, which nobody sends.
            if (who === "nobody") return [];
            const said = { direction, what, ...(ports && { ports }), who, packet };
            return [{ ...said, before: was[i]!, after: is[i]!, ...(perhaps && { perhaps }) }];
        });
    };
    const beyond = (a: Diagram, b: Diagram) => diagrams.combine(butNot, a, b);
    const opened = beyond(fresh.sure, old.may);
    const closed = beyond(old.sure, fresh.may);
    return {
        opened: [...changes(opened, false), ...changes(beyond(beyond(fresh.may, old.may), opened), true)],
        closed: [...changes(closed, false), ...changes(beyond(beyond(old.sure, fresh.sure), closed), true)],
        notAnalysed: [],
    };
}

function familiesOf(what: string): readonly (4 | 6)[] {
    return /^icmp\b/.test(what) ? [4] : /^icmpv6\b/.test(what) ? [6] : [4, 6];
}

/** What a policy surely accepts, and may accept. */
interface Accepted {
    readonly sure: Diagram;
    readonly may: Diagram;
}

function acceptedBy(diagrams: Diagrams, policy: Policy, direction: Direction, rules: readonly MatchSet[]): Accepted {
    if (policy.unknownRules?.length) return { sure: 0, may: 1 };
    const otherwise = policy.defaults[direction] === "accept" ? ACCEPT : REFUSE;
    /** As if an accept matched only what it surely does, and a drop whatever it may; or the other way round. */
    const accepted = (certain: boolean) => {
        const verdicts = rules.map(({ rule: { action }, sure, may }) => {
            const matched = (action === "accept") === certain ? sure : may;
            return action === "accept" ? matched : diagrams.map(matched, (one) => one * REFUSE);
        });
        const all = diagrams.combine(firstOfTwo, joinDiagrams(diagrams, firstOfTwo, verdicts), otherwise);
        return diagrams.map(all, (verdict) => (verdict === ACCEPT ? 1 : 0));
    };
    const sure = accepted(true);
    return { sure, may: rules.every((rule) => rule.sure === rule.may) ? sure : accepted(false) };
}

const ACCEPT = 1;
const REFUSE = 2;
const firstOfTwo = (a: Diagram, b: Diagram) => (a === 0 ? b : b === 0 || a === b || a <= REFUSE ? a : undefined);

/** With nothing left to be known: what is not known yet matches nothing. */
function allKnown(policy: Policy): Policy {
    if (notKnownYet(policy) === undefined) return policy;
    const addresses = (said: Addresses): Addresses => ({
        ...(said.kind === "list" ? { ...said, unknown: false } : said),
        ...(said.except && { except: { ...said.except, unknown: false } }),
    });
    const end = <End extends Rule["from"]>(said: End): End => ({
        ...said,
        addresses: addresses(said.addresses),
        ...(said.ports && { ports: { ...said.ports, unknown: false } }),
    });
    const { unknownRules: _, ...rest } = policy;
    return {
        ...rest,
        sets: policy.sets.map(({ name, ranges }) => ({ name, ranges })),
        rules: policy.rules.map(({ key, rule }) => ({
            key,
            rule: { ...rule, from: end(rule.from), to: end(rule.to) },
        })),
    };
}
