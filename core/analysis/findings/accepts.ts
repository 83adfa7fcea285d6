import type { PortRange } from "../../model/ports";
import type { Diagram } from "../diagram";
import { forPorts, forValues, LEVEL, PROTOCOL_NUMBERS } from "../packetFields";
import type { Decider, RuleTree } from "../ruleTree";
import { portGroupsOf, sortByGroup } from "../portGroups";
import { only } from "./finding";
import type { Share } from "./shares";

/** Those packets of a ruleset that are to some ports. */
export function toPorts({ diagrams }: RuleTree, protocol: "tcp" | "udp", ports: readonly PortRange[]): Diagram {
    const to = forPorts(diagrams, LEVEL.destinationPort, ports, 1);
    return forValues(diagrams, LEVEL.protocol, [PROTOCOL_NUMBERS[protocol]], to);
}

/**
 * Which rules accept some of the traffic to some ports, each with its own part. Of many services the same is asked, and of each
 * only a few of many rules: those for ports near by and those that name none.
 */
export function openAccepts(tree: RuleTree, shares: readonly Share[]) {
    const answers = new Map<Diagram, readonly Decider[]>();
    const { always, byGroup } = sortByGroup(
        tree.rules.flatMap(({ rule: { action, to } }, index) => {
            if (action !== "accept" || shares[index]!.decides === 0) return [];
            return [[index, to.ports?.unknown ? undefined : portGroupsOf(to.ports?.ranges)] as const];
        }),
    );
    const candidates = (ports: readonly PortRange[]): readonly number[] => {
        const groups = portGroupsOf(ports);
        const near = groups ? [...groups].flatMap((group) => byGroup.get(group) ?? []) : [...byGroup.values()].flat();
        return [...new Set([...always, ...near])].sort((a, b) => a - b);
    };
    const among = (ports: readonly PortRange[], traffic: Diagram): Decider[] =>
        candidates(ports).flatMap((index) => {
            const { sure, may } = tree.rules[index]!;
            const { decides } = shares[index]!;
            const packets = only(tree, sure === may ? decides : only(tree, decides, sure), traffic);
            return packets === 0 ? [] : [{ index, packets }];
        });
    return (protocol: "tcp" | "udp", ports: readonly PortRange[]): readonly Decider[] => {
        const traffic = toPorts(tree, protocol, ports);
        const known = answers.get(traffic) ?? among(ports, traffic);
        answers.set(traffic, known);
        return known;
    };
}
