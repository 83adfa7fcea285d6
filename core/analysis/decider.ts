import { BITS, type Family } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Rule } from "../model/rule";
import { portGroupOf, portGroupsOf, sortByGroup } from "./portGroups";
import { type Decision, decideAmong, mustBeKnown, type Packet } from "./decide";

/** A rule for sources of more groups than this is asked for every packet. */
const WIDEST = 16;

/** `decide` for many packets: rules for ports or, where they name none, for sources of other groups are not asked. */
export function deciderOf(policy: Policy): (packet: Packet) => Decision {
    mustBeKnown(policy);
    const { always, byGroup } = sortByGroup(policy.rules.map(({ rule }, index) => [index, groupsOf(rule)]));
    return (packet) => {
        const { destinationPort, family, source } = packet;
        const byPort = destinationPort === undefined ? undefined : byGroup.get(portGroupOf(destinationPort));
        const bySource = byGroup.get(sourceGroup(family, highBits(family, source)));
        const near = [...(byPort ?? []), ...(bySource ?? []), ...always].sort((a, b) => a - b);
        const rules = near.map((index) => policy.rules[index]!);
        return decideAmong(policy, rules, packet);
    };
}

/** Numbers of groups: those of ports are below 1,024, then come sources of each family. */
const sourceGroup = (family: Family, number: number) => family * 65_536 + number;
const highBits = (family: Family, address: bigint) => Number(address >> BigInt(BITS[family] - 16));

function groupsOf({ from, to }: Rule): ReadonlySet<number> | undefined {
    if (to.ports) return portGroupsOf(to.ports.ranges);
    const { addresses } = from;
    if (addresses.kind === "anywhere" || addresses.sets.length > 0) return undefined;
    const groups = new Set<number>();
    for (const { family, first, last } of addresses.ranges)
        for (let high = highBits(family, first); high <= highBits(family, last); high++) {
            groups.add(sourceGroup(family, high));
            if (groups.size > WIDEST) return undefined;
        }
    return groups;
}
