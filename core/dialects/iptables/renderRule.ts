import { createHash } from "node:crypto";
import { spaceOf } from "../../analysis/end";
import { type AddressRange, BITS, type Family, formatAddress, formatPrefix, toPrefixes } from "../../model/addresses";
import { icmpMessage } from "../../model/icmpTypes";
import type { KeyedRule, NamedSet } from "../../model/policy";
import type { Addresses, Limit, PortList, ProtocolMatch, RejectAnswer, Rule } from "../../model/rule";
import { formatLimit, SECONDS, secondsToRefill } from "../../model/ruleOptions";
import { FLAG_FORMS, type FlagForm, TCP_FLAGS } from "../../model/tcpFlags";
import { ACCEPT } from "./names";

/** Something that iptables has no words for. */
export class CannotExpress extends Error {
    constructor(
        readonly key: string,
        readonly field: string,
        problem: string,
    ) {
        super(`rule ${key}: ${problem}`);
        this.name = "CannotExpress";
    }
}

export interface Line {
    readonly match: string;
    readonly target: string;
}

/**
 * The rules of iptables for one rule in one family: one for each combination of an interface, a range of addresses at
 * either end, a protocol, a list of ports and a form of flags, since one rule of iptables says one of each.
 *
 * @throws CannotExpress
 */
export function renderRule(keyed: KeyedRule, family: Family, sets: readonly NamedSet[]): Line[] {
    const { key, rule } = keyed;
    const dimensions = [
        interfaceMatches(rule),
        addressMatches("source", rule.from.addresses, family, sets),
        addressMatches("destination", rule.to.addresses, family, sets),
        rule.matches.flatMap((match) => protocolMatches(keyed, match, family)),
        rule.states ? [`-m conntrack --ctstate ${rule.states.map((state) => state.toUpperCase()).join(",")}`] : [""],
    ];
    const matches = dimensions.reduce<string[]>(
        (before, alternatives) => before.flatMap((text) => alternatives.map((more) => `${text} ${more}`.trim())),
        [""],
    );
    const log = rule.log && `-j LOG --log-prefix "${(rule.log.prefix ?? `${key}: `).slice(0, LONGEST_PREFIX)}"`;
    const limit = rule.limit ? ` ${limitMatch(key, rule.limit, family)}` : "";
    return [
        ...(log ? matches.map((match) => ({ match: `${match} ${LOG_LIMIT}`.trim(), target: log })) : []),
        ...matches.map((match) => ({ match: `${match}${limit}`.trim(), target: targetOf(rule, family) })),
    ];
}

/** The kernel's own. */
const LONGEST_PREFIX = 29;
const LOG_LIMIT = "-m limit --limit 10/minute --limit-burst 10";

function interfaceMatches({ direction, interfaces }: Rule): string[] {
    if (!interfaces) return [""];
    const option = direction === "ingress" ? "-i" : "-o";
    return interfaces.map((name) => `${option} ${name.replace(/\*$/, "+")}`);
}

/** Nothing, where the rule means no address of the family. */
function addressMatches(
    end: "source" | "destination",
    addresses: Addresses,
    family: Family,
    sets: readonly NamedSet[],
): string[] {
    if (addresses.kind === "anywhere" && !addresses.except)
        return addresses.family === undefined || addresses.family === family ? [""] : [];
    return spaceOf(addresses, sets)
        .filter((range) => range.family === family)
        .map((range) => rangeMatch(end, range));
}

function rangeMatch(end: "source" | "destination", range: AddressRange): string {
    const { family, first, last } = range;
    const [prefix, ...more] = toPrefixes([range]);
    if (prefix && more.length === 0) {
        if (prefix.length === 0) return "";
        const text = formatPrefix(prefix);
        return `${end === "source" ? "-s" : "-d"} ${text.includes("/") ? text : `${text}/${BITS[family]}`}`;
    }
    const option = end === "source" ? "--src-range" : "--dst-range";
    return `-m iprange ${option} ${formatAddress(family, first)}-${formatAddress(family, last)}`;
}

function protocolMatches({ key, rule }: KeyedRule, { protocol, types }: ProtocolMatch, family: Family): string[] {
    if (protocol === "any") return [""];
    if (protocol === "icmp") return family === 4 ? icmpMatches(key, "icmp", types) : [];
    if (protocol === "icmpv6") return family === 6 ? icmpMatches(key, "icmpv6", types) : [];
    if (protocol === 0) throw new CannotExpress(key, "protocol", "iptables takes protocol 0 for every protocol");
    const name = String(protocol);
    const flags = rule.flags ? rule.flags.map((form) => flagsMatch(form)) : [""];
    return flags.flatMap((flag) =>
        portMatches(name, "sport", rule.from.ports).flatMap((from) =>
            portMatches(name, "dport", rule.to.ports).map((to) =>
                [`-p ${name}`, flag, from, to].filter(Boolean).join(" "),
            ),
        ),
    );
}

function icmpMatches(key: string, protocol: "icmp" | "icmpv6", types: readonly string[] | undefined): string[] {
    const name = protocol === "icmp" ? "icmp" : "ipv6-icmp";
    if (!types) return [`-p ${name}`];
    const option = protocol === "icmp" ? "-m icmp --icmp-type" : "-m icmp6 --icmpv6-type";
    return types.map((text) => {
        const message = icmpMessage(protocol, text);
        if (!message) throw new Error(`${protocol} has no type ${text}`);
        const { type, code } = message;
        if (protocol === "icmp" && type === 255)
            throw new CannotExpress(key, "types", "iptables takes ICMP type 255 for every type");
        return `-p ${name} ${option} ${code === undefined ? type : `${type}/${code}`}`;
    });
}

/** So many port numbers one multiport match takes; a range counts for two. */
const MOST_PORTS = 15;

/** One match for one range, else lists as long as multiport takes them. Nothing, where there is no port. */
function portMatches(protocol: string, option: "sport" | "dport", ports: PortList | undefined): string[] {
    if (!ports) return [""];
    const texts = ports.ranges.map(({ first, last }) => (first === last ? String(first) : `${first}:${last}`));
    if (texts.length === 1) return [`-m ${protocol} --${option} ${texts[0]}`];
    const lists: string[][] = [];
    let room = 0;
    for (const text of texts) {
        const size = text.includes(":") ? 2 : 1;
        if (room < size) {
            lists.push([]);
            room = MOST_PORTS;
        }
        lists.at(-1)!.push(text);
        room -= size;
    }
    return lists.map((list) => `-m multiport --${option}s ${list.join(",")}`);
}

function flagsMatch(form: FlagForm): string {
    const { mask, value } = FLAG_FORMS[form];
    const not = "negated" in FLAG_FORMS[form] ? "! " : "";
    return `-m tcp ${not}--tcp-flags ${flagNames(mask)} ${flagNames(value)}`;
}

function flagNames(bits: number): string {
    const names = Object.entries(TCP_FLAGS).flatMap(([name, bit]) => (bits & bit ? [name.toUpperCase()] : []));
    return names.join(",") || "NONE";
}

const MOST_A_SECOND = 1_000_000;

/** One bucket by its name for all rules of a rule, or one for each source (IPv6: each /64). */
function limitMatch(key: string, limit: Limit, family: Family): string {
    const { rate, per, burst, perSource } = limit;
    // The kernel counts in parts of a day.
    if (secondsToRefill(limit) > SECONDS.day)
        throw new CannotExpress(key, "limit", "iptables needs a burst that is there again within a day");
    if (rate > MOST_A_SECOND * SECONDS[per] || burst > MOST_A_SECOND)
        throw new CannotExpress(key, "limit", "iptables takes no more than 1,000,000 packets a second or at once");
    // The kernel finds a bucket by its name and keeps its rate: with another rate it must be another name.
    const text = `${key} ${formatLimit(limit)}`;
    const name = `l${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
    const mode = perSource ? ` --hashlimit-mode srcip${family === 6 ? " --hashlimit-srcmask 64" : ""}` : "";
    return `-m hashlimit --hashlimit-upto ${rate}/${per} --hashlimit-burst ${burst}${mode} --hashlimit-name ${name}`;
}

function targetOf({ action, answer }: Rule, family: Family): string {
    if (action === "accept") return `-j ${ACCEPT}`;
    return action === "drop" ? "-j DROP" : `-j REJECT --reject-with ${answerText(answer, family)}`;
}

function answerText(answer: RejectAnswer | undefined, family: Family): string {
    if (answer === "tcp-reset") return "tcp-reset";
    const words = {
        "port-unreachable": { 4: "icmp-port-unreachable", 6: "icmp6-port-unreachable" },
        "admin-prohibited": { 4: "icmp-admin-prohibited", 6: "icmp6-adm-prohibited" },
        "host-unreachable": { 4: "icmp-host-unreachable", 6: "icmp6-addr-unreachable" },
        "no-route": { 4: "icmp-net-unreachable", 6: "icmp6-no-route" },
    } as const;
    return words[answer ?? "port-unreachable"][family];
}
