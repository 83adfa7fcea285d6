import { BITS, type Family } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Rule } from "../model/rule";
import { type Decision, decideAmong, mustBeKnown, type Packet } from "./decide";

/** A rule that is in more groups than this is asked for every packet. */
const WIDEST = 16;

/** `decide` for many packets: rules for ports or, where they name none, for sources of other groups are not asked. */
export function deciderOf(policy: Policy): (packet: Packet) => Decision {
    mustBeKnown(policy);
    const always: number[] = [];
    const byGroup = new Map<number, number[]>();
    policy.rules.forEach(({ rule }, index) => {
        const groups = groupsOf(rule);
        if (groups === undefined || groups.length > WIDEST) always.push(index);
        else
            for (const group of groups) {
                const others = byGroup.get(group);
                if (!others) byGroup.set(group, [index]);
                else if (others.at(-1) !== index) others.push(index);
            }
    });
    return (packet) => {
        const { destinationPort, family, source } = packet;
        const byPort = destinationPort === undefined ? undefined : byGroup.get(portOf(destinationPort));
        const bySource = byGroup.get(sourceGroup(family, highBits(family, source)));
        const near = [...(byPort ?? []), ...(bySource ?? []), ...always].sort((a, b) => a - b);
        const rules = near.map((index) => policy.rules[index]!);
        return decideAmong(policy, rules, packet);
    };
}

/** Numbers of groups: those of ports are below 1,024, then come sources of each family. */
const sourceGroup = (family: Family, number: number) => family * 65_536 + number;
const portOf = (port: number) => port >> 6;
const highBits = (family: Family, address: bigint) => Number(address >> BigInt(BITS[family] - 16));

function groupsOf({ from, to }: Rule): number[] | undefined {
    if (to.ports) return to.ports.ranges.flatMap(({ first, last }) => groupsIn(portOf(first), portOf(last), 0));
    const { addresses } = from;
    if (addresses.kind === "anywhere" || addresses.sets.length > 0) return undefined;
    return addresses.ranges.flatMap(({ family, first, last }) =>
        groupsIn(highBits(family, first), highBits(family, last), sourceGroup(family, 0)),
    );
}

/** No more than tells that they are too many. */
function groupsIn(first: number, last: number, base: number): number[] {
    return Array.from({ length: Math.min(last - first, WIDEST) + 1 }, (_, i) => base + first + i);
}
