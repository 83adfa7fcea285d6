import { DEFAULT_ACTION, type Packet } from "../decide";
import { type DiagnosticCode, diagnostic, type Severity } from "../../model/diagnostics";
import { formatPort } from "../../model/ports";
import type { Policy } from "../../model/policy";
import { formatProtocol, protocolByNumber } from "../../model/protocols";
import type { UpstreamBlock, upstreamBlocks } from "../../model/upstreamBlocks";
import { icmpTypeName } from "../../model/icmpTypes";
import type { Diagram, Diagrams } from "../diagram";
import { within } from "../operations";
import { LEVEL, PROTOCOL_NUMBERS } from "../packetFields";
import { type DeciderOptions, decidersOf, type RuleTree } from "../ruleTree";
import { formatExample, witness } from "../witness";
import type { Share } from "./shares";

/** One thing that the analysis found. */
export interface Finding {
    readonly code: DiagnosticCode;
    /** `off`: silenced by a setting, which says why. */
    readonly severity: Severity | "off";
    /** The rule it is about: its key, or `default action`. */
    readonly rule: string;
    /** The rules that together make it so. */
    readonly blame: readonly string[];
    readonly witness?: Packet;
    /** Complete, one line of printable ASCII, with the fix. */
    readonly message: string;
    /** Why its severity was changed. */
    readonly reason?: string;
}

/** What findings need to know besides the policy. */
export interface FindingOptions {
    /** `2026-11-26`; absent: nothing is said of expiry. */
    readonly today?: string;
    /** Where SSH listens, besides 22. */
    readonly managementPorts?: readonly number[];
    /** Whose network it is, where that blocks something; or such a list of one's own. */
    readonly provider?: keyof typeof upstreamBlocks | UpstreamBlock;
    /** What the dialect's base accepts, as its line: DHCP is asked for only where it is not in it. */
    readonly base?: string;
}

/** What one direction of a policy is looked at with. */
export interface Surroundings {
    readonly policy: Policy;
    readonly options: FindingOptions;
    readonly tree: RuleTree;
    /** Of each rule of the tree. */
    readonly shares: readonly Share[];
}

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

export function finding<Code extends DiagnosticCode>(
    code: Code,
    rule: string,
    blame: readonly string[],
    values: Values<Code>,
    packet?: Packet,
): Finding {
    const { severity, message } = diagnostic(code, values);
    return { code, severity, rule, blame, message, ...(packet && { witness: packet }) };
}

/** The most ordinary packet of a set that is not empty, and its words. */
export function exampleOf(
    { diagrams, direction, interfaces }: RuleTree,
    packets: Diagram,
): { packet: Packet; example: string } {
    const packet = witness(diagrams, packets, direction, interfaces)!;
    return { packet, example: formatExample(packet) };
}

/** Keys of the rules that decide these packets, in order; `default action` where some are left over. */
export function takersOf(tree: RuleTree, packets: Diagram, options: DeciderOptions = {}): string[] {
    const keys: string[] = [];
    const deciders = decidersOf(tree, packets, options);
    let next = deciders.next();
    for (; !next.done; next = deciders.next()) keys.push(tree.rules[next.value.index]!.key);
    return next.value === 0 ? keys : [...keys, DEFAULT_ACTION];
}

const MOST_NAMED = 5;

/** `a, b and c`; of many the first few. */
export function listed(items: readonly string[]): string {
    const more = items.length - MOST_NAMED;
    const named = more > 1 ? [...items.slice(0, MOST_NAMED), `${more} more`] : items;
    return named.length < 2 ? named.join() : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
}

/** `web/scanners (drop) takes`, `a/x (accept) and b/y (drop) together take`. */
export function takersText({ actions }: RuleTree, keys: readonly string[], verb: string): string {
    const words = keys.map((key) => (actions.has(key) ? `${key} (${actions.get(key)})` : `the ${key}`));
    const plural = verb.replace(/s$/, "");
    return words.length === 1 ? `${words[0]} ${verb}` : `${listed(words)} together ${plural}`;
}

/** The traffic of a set of packets, whoever sends it: `tcp 80, tcp 443-445`, `icmp echo-request`. */
export function trafficText(diagrams: Diagrams, packets: Diagram): string {
    return listed(trafficOf(diagrams, packets));
}

export function trafficOf(diagrams: Diagrams, packets: Diagram): string[] {
    const set = diagrams.upTo(packets, LEVEL.interface);
    const ones = (diagram: Diagram, level: number) => diagrams.pieces(diagram, level).filter(({ kid }) => kid !== 0);
    const protocols = ones(set, LEVEL.protocol);
    if (protocols.length === 1 && protocols[0]!.first === 0 && protocols[0]!.last === 255 && protocols[0]!.kid === 1)
        return ["any traffic"];
    return protocols.flatMap(({ first, last, kid }) => {
        if (first !== last) return [`protocols ${first}-${last}`];
        const name = formatProtocol(protocolByNumber(String(first)) ?? first);
        if (first === PROTOCOL_NUMBERS.icmp || first === PROTOCOL_NUMBERS.icmpv6)
            return ones(kid, LEVEL.detail).map((piece) =>
                piece.first === piece.last ? `${name} ${icmpTypeName(name as "icmp", piece.first)}` : name,
            );
        const ports = ones(diagrams.from(kid, LEVEL.destinationPort), LEVEL.destinationPort);
        return ports.map((port) => {
            const range = { first: Math.max(port.first, 1), last: port.last };
            return range.first === 1 && range.last === 65535 ? name : `${name} ${formatPort(range)}`;
        });
    });
}

export function only({ diagrams }: RuleTree, diagram: Diagram, packets: Diagram): Diagram {
    return diagrams.combine(within, diagram, packets);
}

/** The template of a rule; what others wrote into a live ruleset has none. */
export const templateOf = (key: string) => /^([^/ ]*)\//.exec(key)?.[1] ?? "";
