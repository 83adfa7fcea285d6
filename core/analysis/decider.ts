import { BITS, type Family } from "../model/addresses";
import type { Policy } from "../model/policy";
import type { Rule } from "../model/rule";
import { type Decision, decide, type Packet } from "./decide";

/** A rule that is in more groups than this is asked for every packet. */
const WIDEST = 16;

/** `decide` for many packets: rules for ports or, where they name none, for sources of other groups are not asked. */
export function deciderOf(policy: Policy): (packet: Packet) => Decision {
    const always: number[] = [];
    const byGroup = new Map<string, number[]>();
    policy.rules.forEach(({ rule }, index) => {
        const groups = groupsOf(rule);
        if (groups === undefined || groups.size > WIDEST) always.push(index);
        else
            for (const group of groups) {
                const others = byGroup.get(group);
                if (others) others.push(index);
                else byGroup.set(group, [index]);
            }
    });
    return (packet) => {
        const { destinationPort, family, source } = packet;
        const groups = [
            ...(destinationPort === undefined ? [] : [portGroup(portOf(destinationPort))]),
            sourceGroup(family, highBits(family, source)),
        ];
        const near = groups.flatMap((group) => byGroup.get(group) ?? []);
        const asked = [...always, ...near].sort((a, b) => a - b);
        return decide({ ...policy, rules: asked.map((index) => policy.rules[index]!) }, packet);
    };
}

const portGroup = (number: number) => `port ${number}`;
const sourceGroup = (family: Family, number: number) => `source ${family} ${number}`;
const portOf = (port: number) => port >> 6;
const highBits = (family: Family, address: bigint) => Number(address >> BigInt(BITS[family] - 16));

function groupsOf({ from, to }: Rule): Set<string> | undefined {
    if (to.ports)
        return new Set(
            to.ports.ranges.flatMap(({ first, last }) => numbersIn(portOf(first), portOf(last)).map(portGroup)),
        );
    const { addresses } = from;
    if (addresses.kind === "anywhere" || addresses.sets.length > 0) return undefined;
    return new Set(
        addresses.ranges.flatMap(({ family, first, last }) =>
            numbersIn(highBits(family, first), highBits(family, last)).map((number) => sourceGroup(family, number)),
        ),
    );
}

/** No more than tells that they are too many. */
function numbersIn(first: number, last: number): number[] {
    return Array.from({ length: Math.min(last - first, WIDEST) + 1 }, (_, i) => first + i);
}
