import type { Policy } from "../model/policy";
import { type Decision, decide, type Packet } from "./decide";

/** Ports that are looked up together. */
const TOGETHER = 64;
/** A rule for more than so many groups of ports is asked for every packet. */
const WIDEST = 16;

/** `decide` for many packets: rules for other ports are not asked. */
export function deciderOf(policy: Policy): (packet: Packet) => Decision {
    const always: number[] = [];
    const byGroup = new Map<number, number[]>();
    policy.rules.forEach(({ rule: { to } }, index) => {
        const groups = to.ports?.ranges.flatMap(({ first, last }) => groupsOf(first, last)) ?? [];
        if (!to.ports || groups.length > WIDEST) always.push(index);
        else
            for (const group of new Set(groups)) {
                const others = byGroup.get(group);
                if (others) others.push(index);
                else byGroup.set(group, [index]);
            }
    });
    return (packet) => {
        const near = byGroup.get(Math.floor((packet.destinationPort ?? -1) / TOGETHER)) ?? [];
        const asked = [...always, ...near].sort((a, b) => a - b);
        return decide({ ...policy, rules: asked.map((index) => policy.rules[index]!) }, packet);
    };
}

function groupsOf(first: number, last: number): number[] {
    const [from, to] = [Math.floor(first / TOGETHER), Math.floor(last / TOGETHER)];
    return Array.from({ length: Math.min(to - from, WIDEST) + 1 }, (_, i) => from + i);
}
