import { formatPort } from "../../model/ports";
import type { KeyedRule, Policy } from "../../model/policy";
import type { PortList, ProtocolMatch, Rule } from "../../model/rule";
import { CONTAINER_BRIDGES } from "../containers";
import { FORWARD_CHAINS } from "./identifiers";
import { ruleComment } from "../ruleComment";
import { addressAlternatives, type SetsByName } from "./renderAddresses";
import { renderForwardBase } from "./base";
import {
    flagAlternatives,
    interfaceAlternatives,
    limitAlternatives,
    logText,
    stateText,
    verdictText,
} from "./renderOptions";
import { combinationsOf, icmpAlternatives } from "./renderRule";
import { type Alternative, list, words } from "./renderText";

/**
 * The chains for what is forwarded to containers. A published port has become the container's own by then, so it is known by
 * what the connection asked for at first; what asks a container's own address is dropped. What containers send, to each other
 * and out, is their engine's affair.
 */
export function renderForward(policy: Policy): string[] {
    const { rules, defaults } = policy;
    const sets: SetsByName = new Map(policy.sets.map((set) => [set.name, set]));
    return [
        chain(FORWARD_CHAINS.base, [
            "type filter hook forward priority filter; policy accept;",
            ...CONTAINER_BRIDGES.map(
                (name) => `oifname "${name}" goto ${FORWARD_CHAINS.containers} comment "base:containers"`,
            ),
        ]),
        chain(FORWARD_CHAINS.containers, [
            ...renderForwardBase(),
            ...CONTAINER_BRIDGES.map((name) => `iifname "${name}" accept comment "base:containers"`),
            `ct status dnat goto ${FORWARD_CHAINS.rules} comment "base:containers"`,
            'counter drop comment "base:containers"',
        ]),
        chain(FORWARD_CHAINS.rules, [
            ...rules
                .filter(({ rule }) => rule.direction === "ingress")
                .flatMap((keyed) => renderPublished(keyed, sets)),
            `counter ${defaults.ingress} comment "default:${defaults.ingress}"`,
        ]),
    ];
}

function chain(name: string, lines: readonly string[]): string {
    return [`    chain ${name} {`, ...lines.map((line) => `        ${line}`), "    }"].join("\n");
}

/** Written out: a list of ports of the first packet of a connection is listed wrong by nft 1.0.6. */
function renderPublished(keyed: KeyedRule, sets: SetsByName): string[] {
    const { key, rule } = keyed;
    const dimensions = [
        interfaceAlternatives(rule),
        addressAlternatives("saddr", rule.from.addresses, sets),
        addressAlternatives("original daddr", rule.to.addresses, sets),
        rule.matches.flatMap((match) => protocolAlternatives(rule, match)),
        flagAlternatives(rule),
        [{ text: stateText(rule) }],
    ];
    const matches = combinationsOf(dimensions);
    const limited = rule.limit ? combinationsOf([...dimensions, limitAlternatives(key, rule)]) : matches;
    const line = (parts: readonly Alternative[], end: string) =>
        `${words(...parts.map(({ text }) => text), end)} comment "${ruleComment(keyed)}"`;
    const log = logText(key, rule);
    return [
        ...(log ? matches.map((parts) => line(parts, log)) : []),
        ...limited.map((parts) => line(parts, words("counter", verdictText(rule)))),
    ];
}

function protocolAlternatives({ from, to }: Rule, { protocol, types }: ProtocolMatch): Alternative[] {
    if (protocol === "any") return [{ text: "" }];
    if (protocol === "icmp" || protocol === "icmpv6") return icmpAlternatives(protocol, types);
    const header = protocol === "tcp" || protocol === "udp" ? protocol : "th";
    const source = from.ports ? `${header} sport ${list(from.ports.ranges, formatPort)}` : "";
    if (from.ports?.ranges.length === 0) return [];
    return portTexts(to.ports).map((port) => ({ text: words(`meta l4proto ${protocol}`, source, port) }));
}

function portTexts(ports: PortList | undefined): string[] {
    return ports ? ports.ranges.map((range) => `ct original proto-dst ${formatPort(range)}`) : [""];
}
