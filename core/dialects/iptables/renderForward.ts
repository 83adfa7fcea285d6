import { type Family, formatPrefix, type Prefix, toPrefixes } from "../../model/addresses";
import type { Policy } from "../../model/policy";
import { CONTAINER_BRIDGES } from "../containers";
import { ruleComment } from "../ruleComment";
import { appended } from "./appended";
import type { SetFor } from "./ipsets";
import { FORWARD_CHAINS, interfaceText, JUMPS } from "./names";
import { renderForwardBase } from "./renderBase";
import { type DestinationWords, linesOf, portText } from "./renderRule";

/**
 * The table for what is forwarded to containers. A published port has become the container's own by then, so it is known by what
 * the connection asked for at first; what asks a container's own address is dropped. What containers send, to each other and
 * out, is their engine's affair. The table knows no REJECT, so a rule that rejects drops.
 *
 * @throws CannotExpress
 */
export function renderForward(family: Family, { rules, sets, defaults }: Policy, mark: string, setFor: SetFor): string {
    const { own, builtIn, containers } = FORWARD_CHAINS;
    const bridges = CONTAINER_BRIDGES.map(interfaceText);
    const base = (match: string, name: string, target: string) => appended(containers, match, `base:${name}`, target);
    return [
        "*mangle",
        `:${own} - [0:0]`,
        `:${containers} - [0:0]`,
        appended(own, "", mark),
        ...bridges.map((name) => appended(own, `-o ${name}`, "base:containers", `-g ${containers}`)),
        ...renderForwardBase(family).map(({ match, name }) => base(match, name, JUMPS.accept)),
        ...bridges.map((name) => base(`-i ${name}`, "containers", JUMPS.accept)),
        base("-m conntrack ! --ctstate DNAT", "containers", JUMPS.drop),
        ...rules
            .filter(({ rule }) => rule.direction === "ingress")
            .flatMap((keyed) =>
                linesOf(keyed, family, sets, {
                    setFor,
                    destination: ASKED_FOR,
                    target: JUMPS[keyed.rule.action === "accept" ? "accept" : "drop"],
                }).map(({ match, target }) => appended(containers, match, ruleComment(keyed), target)),
            ),
        appended(containers, "", `default:${defaults.ingress}`, JUMPS[defaults.ingress]),
        `-I ${builtIn} 1 -j ${own}`,
        "COMMIT",
        "",
    ].join("\n");
}

/**
 * Each in a match of its own: in one with `--ctstate` they would say nothing of packets that are not tracked. It takes no
 * sets or ranges of addresses and no lists of ports.
 */
const ASKED_FOR: DestinationWords = {
    addresses: (ranges) => toPrefixes(ranges).map(prefixMatch),
    ports: (_, ports) => ports?.ranges.map((range) => `-m conntrack --ctorigdstport ${portText(range)}`) ?? [""],
};

function prefixMatch(prefix: Prefix): string {
    return prefix.length === 0 ? "" : `-m conntrack --ctorigdst ${formatPrefix(prefix)}`;
}
