import { type AddressRange, type Family, formatAddress, mergeRanges } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Direction, Protocol, Rule } from "../model/rule";
import { addressesOf } from "../model/storedPolicy";
import type { Diagram, Diagrams } from "./diagram";
import type { MatchSet } from "./matchSets";
import { butNot, within } from "./operations";
import { addressesByKid, byFamily, forAddresses, LEVEL, PROTOCOL_NUMBERS, STATES } from "./packetFields";
import { withRuleSets } from "./ruleSets";
import { VERDICT } from "./verdicts";
import { amongRules } from "./path";

/**
 * New traffic that must pass for somebody to log in: to `port` of this server from each of `peers`, or (egress) from this
 * server to `port` of each of them.
 */
export interface ManagementPath {
    /** Default "ingress". */
    readonly direction?: Direction;
    /** Default "tcp". */
    readonly protocol?: Protocol;
    readonly peers: readonly AddressRange[];
    /** Destination port; absent for a protocol without ports. */
    readonly port?: number;
    /** The server's own address; absent: any of them. */
    readonly own?: AddressRange;
    /** The interface by which it comes or goes; absent: any of them. */
    readonly device?: string;
}

/** A peer that can't get through, and what decides so. */
export interface Lockout {
    readonly peer: string;
    /** `dropped by web/scanners`, `dropped by the default action`, ... */
    readonly decision: string;
}

/** May any new packet at all get to this TCP port? */
export function mayBeReached(policy: Policy, port: number): boolean {
    if (policy.unknownRules?.length) return true;
    return withRuleSets(policy, "ingress", MOST_WORK, ({ diagrams, decision }) => {
        const asked = new Map<number, number>([
            [LEVEL.protocol, PROTOCOL_NUMBERS.tcp],
            [LEVEL.destinationPort, port],
            [LEVEL.state, STATES.indexOf("new")],
        ]);
        return diagrams.terminals(diagrams.restrict(decision().diagram, asked)).has(VERDICT.accept);
    });
}

/** About a second. */
const MOST_WORK = 4_000_000;

/**
 * Proves that the path is open for each of its peers, or names one for which it may not be. Replies are in the base of
 * every dialect. An accept counts for what it surely matches: known addresses and ports, any source port. A
 * drop counts for what it may match. A limit for all sources together counts as used up: strangers can see to that.
 */
export function proveReachable(policy: Policy, path: ManagementPath): Lockout | undefined {
    const { direction = "ingress", protocol = "tcp", peers, ...rest } = path;
    const far = mergeRanges(peers);
    const [unknownRule] = policy.unknownRules ?? [];
    if (unknownRule !== undefined && far[0])
        return { peer: peerText(far[0]), decision: `perhaps dropped by ${unknownRule}, which is not known yet` };
    const { diagrams, packets, rules } = amongRules(policy, { ...rest, direction, protocol, far });
    let left = packets;
    let usedUp = "";
    for (const each of rules) {
        const { key, rule, sure, may } = each;
        if (rule.action === "accept") {
            const accepted = diagrams.combine(within, left, sure);
            if (countsAsAccept(rule)) left = diagrams.combine(butNot, left, sure);
            else if (accepted !== 0) usedUp = ` once strangers have used up the limit of ${key}`;
            continue;
        }
        const hit = diagrams.combine(within, left, may);
        if (hit === 0) continue;
        const surely = diagrams.combine(within, left, sure);
        const peer = firstPeer(diagrams, surely || hit);
        const all = diagrams.combine(within, left, onlyPeer(diagrams, peer));
        const certain = diagrams.combine(butNot, all, sure) === 0;
        const verb = rule.action === "reject" ? "rejected" : "dropped";
        const why = surely === 0 && isOpen(each, policy) ? ", whose addresses are not all known yet" : "";
        return { peer: peerText(peer), decision: `${certain ? "" : "perhaps "}${verb} by ${key}${why}${usedUp}` };
    }
    if (left === 0 || policy.defaults[direction] === "accept") return undefined;
    return { peer: peerText(firstPeer(diagrams, left)), decision: `dropped by the default action${usedUp}` };
}

/** Somebody who logs in needs a few packets at once, and nobody else can take these away. */
function countsAsAccept({ limit }: Rule): boolean {
    return limit === undefined || (limit.perSource && limit.burst >= 5);
}

/** Does a rule name peers that are not known yet? */
function isOpen({ rule }: MatchSet, policy: Policy): boolean {
    const { addresses } = rule.direction === "ingress" ? rule.from : rule.to;
    return addresses.kind === "list" && addressesOf(addresses, policy.sets).unknown;
}

const OWN = new Set([0, 1, 2, 3].map((word) => LEVEL.own + word));

/** The lowest address of the other end, IPv4 first. */
function firstPeer(diagrams: Diagrams, packets: Diagram): AddressRange {
    const ends = diagrams.upTo(diagrams.from(packets, LEVEL.family), LEVEL.sourcePort);
    const people = diagrams.exists(ends, OWN);
    for (const family of [4, 6] as const) {
        const kid = diagrams.kidAt(people, LEVEL.family, family === 4 ? 0 : 1);
        const first = addressesByKid(diagrams, kid, LEVEL.far, family).get(1)?.[0]?.first;
        if (first !== undefined) return { family, first, last: first };
    }
    throw new Error("no packet has no peer");
}

function onlyPeer(diagrams: Diagrams, peer: AddressRange): Diagram {
    const ofFamily = (family: Family) => forAddresses(diagrams, LEVEL.far, family, [peer], 1);
    return byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
}

function peerText({ family, first }: AddressRange): string {
    return formatAddress(family, first);
}
