import { createHash } from "node:crypto";
import { spaceOf } from "../../analysis/end";
import { type AddressRange, BITS, type Family, formatAddress, formatPrefix, toPrefixes } from "../../model/addresses";
import { icmpMessage } from "../../model/icmpTypes";
import type { PortRange } from "../../model/ports";
import type { KeyedRule, NamedSet } from "../../model/policy";
import type { Addresses, Limit, PortList, ProtocolMatch, RejectAnswer, Rule } from "../../model/rule";
import { formatLimit, SECONDS, secondsToRefill } from "../../model/ruleOptions";
import { FLAG_FORMS, type FlagForm, TCP_FLAGS } from "../../model/tcpFlags";
import { CannotExpress } from "../dialect";
import type { SetFor } from "./ipsets";
import { interfaceText, JUMPS } from "./names";

export interface Line {
    readonly match: string;
    readonly target: string;
}

/**
 * The rules of iptables for one rule in one family: one for each combination of an interface, a range (or a set) of addresses
 * at either end, a protocol, a list of ports and a form of flags, since one rule of iptables says one of each.
 *
 * @throws CannotExpress
 */
export function renderRule(keyed: KeyedRule, family: Family, sets: readonly NamedSet[], setFor: SetFor): Line[] {
    return linesOf(keyed, family, sets, { setFor, destination: ARRIVED, target: targetOf(keyed.rule, family) });
}

/** How a chain says what a packet was sent to. */
export interface DestinationWords {
    addresses(ranges: readonly AddressRange[], family: Family, setFor: SetFor): string[];
    ports(protocol: string, ports: PortList | undefined): string[];
}

const ARRIVED: DestinationWords = {
    addresses: (ranges, family, setFor) => rangeMatches("destination", ranges, family, setFor),
    ports: (protocol, ports) => portMatches(protocol, "dport", ports),
};

interface Form {
    readonly setFor: SetFor;
    readonly destination: DestinationWords;
    readonly target: string;
}

/** More rules for one of ours are refused: every packet asks each of them. */
const MOST_LINES = 10_000;

/** @throws CannotExpress */
export function linesOf(
    keyed: KeyedRule,
    family: Family,
    sets: readonly NamedSet[],
    { setFor, destination, target }: Form,
): Line[] {
    const { key, rule } = keyed;
    const addresses = (end: Addresses, wordsOf: (ranges: readonly AddressRange[]) => string[]) => {
        const ranges = rangesOf(end, family, sets);
        return ranges === undefined ? [""] : wordsOf(ranges);
    };
    const dimensions = [
        interfaceMatches(rule),
        addresses(rule.from.addresses, (ranges) => rangeMatches("source", ranges, family, setFor)),
        addresses(rule.to.addresses, (ranges) => destination.addresses(ranges, family, setFor)),
        rule.matches.flatMap((match) => protocolMatches(keyed, match, family, destination)),
        rule.states ? [`-m conntrack --ctstate ${rule.states.map((state) => state.toUpperCase()).join(",")}`] : [""],
    ];
    const count = dimensions.reduce((product, { length }) => product * length, 1);
    if (count > MOST_LINES) {
        const [from, to] = [dimensions[1]!.length, dimensions[2]!.length];
        throw new CannotExpress(
            key,
            to > from ? "to" : "from",
            `it takes ${count.toLocaleString("en")} rules of iptables, and ${MOST_LINES.toLocaleString("en")} are the most: ` +
                "name fewer networks or ports, install ipset on the host, which holds long lists in sets, or use nftables",
        );
    }
    const matches = dimensions.reduce<string[]>(
        (before, alternatives) => before.flatMap((text) => alternatives.map((more) => `${text} ${more}`.trim())),
        [""],
    );
    const log = rule.log && `-j LOG --log-prefix "${(rule.log.prefix ?? `${key}: `).slice(0, LONGEST_PREFIX)}"`;
    const limit = rule.limit ? ` ${limitMatch(key, rule.limit, family)}` : "";
    return [
        ...(log ? matches.map((match) => ({ match: `${match} ${LOG_LIMIT}`.trim(), target: log })) : []),
        ...matches.map((match) => ({ match: `${match}${limit}`.trim(), target })),
    ];
}

/** The kernel's own. */
const LONGEST_PREFIX = 29;
const LOG_LIMIT = "-m limit --limit 10/minute --limit-burst 10";

function interfaceMatches({ direction, interfaces }: Rule): string[] {
    if (!interfaces) return [""];
    const option = direction === "ingress" ? "-i" : "-o";
    return interfaces.map((name) => `${option} ${interfaceText(name)}`);
}

/** Undefined where nothing needs to be said of addresses; none, where the rule means none of the family. */
function rangesOf(addresses: Addresses, family: Family, sets: readonly NamedSet[]): AddressRange[] | undefined {
    if (addresses.kind === "anywhere" && !addresses.except)
        return addresses.family === undefined || addresses.family === family ? undefined : [];
    return spaceOf(addresses, sets).filter((range) => range.family === family);
}

function rangeMatches(
    end: "source" | "destination",
    ranges: readonly AddressRange[],
    family: Family,
    setFor: SetFor,
): string[] {
    const set = setFor(family, ranges);
    if (set !== undefined) return [`-m set --match-set ${set} ${end === "source" ? "src" : "dst"}`];
    return ranges.map((range) => rangeMatch(end, range));
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

function protocolMatches(
    { key, rule }: KeyedRule,
    { protocol, types }: ProtocolMatch,
    family: Family,
    destination: DestinationWords,
): string[] {
    if (protocol === "any") return [""];
    if (protocol === "icmp") return family === 4 ? icmpMatches(key, "icmp", types) : [];
    if (protocol === "icmpv6") return family === 6 ? icmpMatches(key, "icmpv6", types) : [];
    if (protocol === 0) throw new CannotExpress(key, "protocol", "iptables takes protocol 0 for every protocol");
    const name = String(protocol);
    const flags = rule.flags ? rule.flags.map((form) => flagsMatch(form)) : [""];
    return flags.flatMap((flag) =>
        portMatches(name, "sport", rule.from.ports).flatMap((from) =>
            destination
                .ports(name, rule.to.ports)
                .map((to) => [`-p ${name}`, flag, from, to].filter(Boolean).join(" ")),
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
    const texts = ports.ranges.map(portText);
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

export function portText({ first, last }: PortRange): string {
    return first === last ? String(first) : `${first}:${last}`;
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
    return action === "reject" ? `-j REJECT --reject-with ${answerText(answer, family)}` : JUMPS[action];
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
