import { DEFAULT_ACTION } from "../decide";
import { type PortRange } from "../../model/ports";
import type { Rule } from "../../model/rule";
import { upstreamBlocks } from "../../model/upstreamBlocks";
import { meet } from "../operations";
import { LEVEL } from "../packetFields";
import { type RuleTree, VERDICT } from "../ruleTree";
import {
    exampleOf,
    type Finding,
    finding,
    type FindingOptions,
    listed,
    only,
    type Surroundings,
    trafficOf,
    trafficText,
} from "./finding";
import { toPorts } from "./accepts";
import type { World } from "./world";

const DNS = { name: "DNS (udp 53)", protocol: "udp", port: 53 } as const;
const NTP = { name: "NTP (udp 123)", protocol: "udp", port: 123 } as const;
const DHCP = { name: "DHCP (udp 67)", protocol: "udp", port: 67 } as const;

/** What a server needs itself and can't send any more. */
export function egressFindings({ tree, options: { base } }: Surroundings): Finding[] {
    if (tree.otherwise !== VERDICT.drop) return [];
    const needs = [DNS, NTP, ...(base?.includes("dhcp") === false ? [DHCP] : [])];
    const may = tree.diagrams.map(tree.verdicts, (verdict) => (OPEN.includes(verdict) ? 1 : 0));
    const missing = needs.filter(
        ({ protocol, port }) => !tree.diagrams.some(meet, may, toPorts(tree, protocol, [{ first: port, last: port }])),
    );
    if (missing.length === 0) return [];
    const text = listed(missing.map(({ name }) => name));
    return [finding("VF230", DEFAULT_ACTION, [DEFAULT_ACTION], { missing: text })];
}

const OPEN: readonly number[] = [VERDICT.accept, VERDICT.limited, VERDICT.unsure];

/** More ports than this are no service of the sender's choice. */
const MOST_PORTS = 1000;

/** Accepts that anybody meets who sends from the right port. */
export function sourcePortFindings({ tree, shares }: Surroundings, { isOpen }: World): Finding[] {
    const { diagrams, rules } = tree;
    return rules.flatMap(({ key, rule }, index) => {
        const { from, to } = rule;
        if (rule.action !== "accept" || !from.ports || from.ports.unknown || to.ports?.unknown) return [];
        if (size(from.ports.ranges) > MOST_PORTS || (to.ports && size(to.ports.ranges) <= MOST_PORTS)) return [];
        const decides = only(tree, shares[index]!.decides, rules[index]!.sure);
        const anyPort = diagrams.upTo(diagrams.from(decides, LEVEL.family), LEVEL.sourcePort);
        if (!isOpen(anyPort)) return [];
        const { packet, example } = exampleOf(tree, telling(tree, rule, decides));
        return [finding("VF231", key, [key], { rule: key, traffic: trafficText(diagrams, decides), example }, packet)];
    });
}

function size(ranges: readonly PortRange[]): number {
    return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** A port that nobody would open so: a database, the management of the network. */
function telling(tree: RuleTree, { matches }: Rule, decides: number): number {
    const protocol = matches.some((match) => match.protocol === "tcp") ? "tcp" : "udp";
    const port = protocol === "tcp" ? 3306 : 161;
    const some = only(tree, decides, toPorts(tree, protocol, [{ first: port, last: port }]));
    return some === 0 ? decides : some;
}

/** Accepts of what the provider's network takes anyway. */
export function upstreamFindings({ tree, shares, options }: Surroundings): Finding[] {
    const block = blockOf(options);
    if (!block) return [];
    const { provider, date, blocked } = block;
    return tree.rules.flatMap(({ key, rule }, index) => {
        // A rule for every port is not about these.
        if (rule.action !== "accept" || !rule.to.ports) return [];
        const parts = blocked.flatMap(({ protocol, ports }) => {
            const packets = only(tree, shares[index]!.decides, toPorts(tree, protocol, [ports]));
            return packets === 0 ? [] : [packets];
        });
        const [first] = parts;
        if (first === undefined) return [];
        const services = listed(parts.flatMap((packets) => trafficOf(tree.diagrams, packets)));
        const { packet } = exampleOf(tree, first);
        return [finding("VF235", key, [key], { rule: key, provider, services, date }, packet)];
    });
}

function blockOf({ provider }: FindingOptions) {
    return typeof provider === "string" ? upstreamBlocks[provider] : provider;
}
