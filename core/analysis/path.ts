import type { AddressRange, Family } from "../model/addresses";
import type { KeyedRule, Policy } from "../model/policy";
import type { Direction, Protocol, Rule } from "../model/rule";
import { TCP_FLAGS } from "../model/tcpFlags";
import type { AddressSpace } from "./addressAlgebra";
import { ANY_WORK, type Diagram, type Diagrams, openDiagrams } from "./diagram";
import { type Interfaces, openInterfaces } from "./interfaces";
import { type MatchSet, matchSets } from "./matchSets";
import { byFamily, forAddresses, forPorts, forValues, lastOf, LEVEL, PROTOCOL_NUMBERS } from "./packetFields";
import { knownRuleSets } from "./ruleSets";

/** New connections of one kind, from any source port. */
export interface Path {
    readonly direction: Direction;
    readonly protocol: Protocol;
    /** Destination port; absent: any, and for protocols without ports. */
    readonly port?: number;
    /** The server's own address; of a family it does not say: any. */
    readonly own?: AddressRange;
    /** The interface by which they come or go; absent: any. */
    readonly device?: string;
    /** The other end. */
    readonly far: AddressSpace;
}

/** A path among the rules that can meet it. */
export interface PathAmongRules {
    readonly diagrams: Diagrams;
    readonly packets: Diagram;
    /** In deciding order. */
    readonly rules: readonly MatchSet[];
}

export function amongRules(policy: Policy, path: Path): PathAmongRules {
    const { direction, device } = path;
    const canMeet = ({ rule }: KeyedRule) => mayBeAsked(rule, path);
    const known = knownRuleSets(policy, direction);
    if (known && (device === undefined || known.interfaces.names.includes(device))) {
        const { diagrams, interfaces, rules } = known;
        diagrams.allow(ANY_WORK);
        return { diagrams, packets: packetsOf(diagrams, path, interfaces), rules: rules.filter(canMeet) };
    }
    const diagrams = openDiagrams(lastOf);
    const named = policy.rules.flatMap(({ rule }) => rule.interfaces ?? []);
    const interfaces = openInterfaces(device === undefined ? named : [...named, device]);
    const some = { ...policy, rules: policy.rules.filter(canMeet) };
    return {
        diagrams,
        packets: packetsOf(diagrams, path, interfaces),
        rules: matchSets(diagrams, some, direction, interfaces),
    };
}

/** False only where a rule is surely about other protocols or ports. */
function mayBeAsked({ matches, to }: Rule, { protocol, port }: Path): boolean {
    return (
        (protocol === "any" || matches.some((match) => match.protocol === "any" || match.protocol === protocol)) &&
        (!to.ports ||
            port === undefined ||
            to.ports.unknown ||
            to.ports.ranges.some(({ first, last }) => first <= port && port <= last))
    );
}

function packetsOf(diagrams: Diagrams, { protocol, port, own, device, far }: Path, interfaces: Interfaces): Diagram {
    const ofFamily = (family: Family) => {
        const peers = forAddresses(diagrams, LEVEL.far, family, far, 1);
        return own?.family === family ? forAddresses(diagrams, LEVEL.own, family, [own], peers) : peers;
    };
    const bothFamilies = byFamily(diagrams, [ofFamily(4), ofFamily(6)]);
    const ends =
        device === undefined
            ? bothFamilies
            : forValues(diagrams, LEVEL.interface, interfaces.valuesOf(device), bothFamilies);
    const ports =
        port === undefined ? ends : forPorts(diagrams, LEVEL.destinationPort, [{ first: port, last: port }], ends);
    const fresh = forValues(diagrams, LEVEL.state, [0], ports);
    if (protocol === "any") return fresh;
    const asked = protocol === "tcp" ? forValues(diagrams, LEVEL.detail, [TCP_FLAGS.syn], fresh) : fresh;
    const number = typeof protocol === "number" ? protocol : PROTOCOL_NUMBERS[protocol];
    return forValues(diagrams, LEVEL.protocol, [number], asked);
}
