import { type Constraint, firstOf, type Interval, ofFamily, oneValue, whereAll } from "../../analysis/constraints";
import type { Diagram, Diagrams } from "../../analysis/diagram";
import { orElse } from "../../analysis/operations";
import { LEVEL, STATES } from "../../analysis/packetFields";
import type { Family } from "../../model/addresses";
import { parseAddressRange } from "../../model/parseAddress";
import type { Direction } from "../../model/rule";
import { VERDICT } from "../meaning";
import { UnreadableRuleset } from "../unreadable";
import type { VpsFirewall, VpsRow } from "./rows";
import type { SecurityGroupRule } from "./securityGroupRules";

/**
 * What the firewall of a VPS does with every packet of a direction, by its rows alone: accept or drop. Written apart from
 * `render`. As the vendor's page says, and where it says nothing as chosen here:
 *
 * - Off, everything passes; so does all that leaves, on or off.
 * - On, a packet that comes in passes if a row allows it. Of other protocols than TCP, UDP and ICMP nothing passes, "no
 *   traffic" being what reaches the server (not verified).
 * - Replies of TCP, UDP and ICMP pass, or no server could resolve names (not verified). What is related to a connection, such
 *   as data of passive FTP, is a new packet to it.
 * - Rows name IPv4; a row with an IPv6 source would allow IPv6 (not verified), and without one no IPv6 comes in.
 *
 * What the provider blocks in its whole network is not the firewall's doing.
 *
 * @throws UnreadableRuleset
 */
export function interpretVps({ enabled, rows }: VpsFirewall, direction: Direction, diagrams: Diagrams): Diagram {
    return enabled ? allowing(rows.map(readRow), direction, diagrams) : VERDICT.accept;
}

/**
 * The same for the rules of a security group that an instance is in. The API's document says neither what becomes of what no
 * rule allows nor whether replies pass: taken to be as above (not verified).
 *
 * @throws UnreadableRuleset
 */
export function interpretSecurityGroup(
    rules: readonly SecurityGroupRule[],
    direction: Direction,
    diagrams: Diagrams,
): Diagram {
    return allowing(rules.map(readRule), direction, diagrams);
}

/** What a row asks of a packet that comes in. */
type Asked = readonly Constraint[];

function allowing(rows: readonly Asked[], direction: Direction, diagrams: Diagrams): Diagram {
    if (direction === "egress") return VERDICT.accept;
    const passing = [...rows, ...REPLIES].map((asked) => whereAll(diagrams, asked, VERDICT.accept));
    return diagrams.combine(orElse, firstOf(diagrams, passing), VERDICT.drop);
}

function protocolOf(word: string, family: Family): Constraint[] {
    const numbers: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, ICMP: family === 4 ? 1 : 58 };
    if (!Object.hasOwn(numbers, word)) throw new UnreadableRuleset(`there is no protocol ${word}`);
    return [ofFamily(family), oneValue(LEVEL.protocol, numbers[word]!)];
}

const established = oneValue(LEVEL.state, STATES.indexOf("established"));
const REPLIES: readonly Asked[] = ([4, 6] as const).flatMap((family) =>
    ["TCP", "UDP", "ICMP"].map((word) => [...protocolOf(word, family), established]),
);

function readRow({ protocol, source, startPort, endPort }: VpsRow): Asked {
    if (protocol === "ICMP") {
        if (startPort !== undefined || endPort !== undefined) throw new UnreadableRuleset("ICMP has no ports");
        return readSource(protocol, source);
    }
    if (startPort === undefined) throw new UnreadableRuleset(`a row for ${protocol} has no start port`);
    return [...readSource(protocol, source), portsBetween(startPort, endPort ?? startPort)];
}

function readRule({ protocol, source, startPort, endPort, icmpType, icmpCode }: SecurityGroupRule): Asked {
    const people = readSource(protocol, source);
    if (protocol !== "ICMP") {
        if (startPort == null || endPort == null || icmpType != null || icmpCode != null)
            throw new UnreadableRuleset(`a rule for ${protocol} has two ports and nothing of ICMP`);
        return [...people, portsBetween(startPort, endPort)];
    }
    if (icmpType == null || icmpCode == null || startPort != null || endPort != null)
        throw new UnreadableRuleset("a rule for ICMP has a type and a code and no ports");
    if (icmpType === -1 && icmpCode !== -1) throw new UnreadableRuleset("a code of ICMP has a type");
    return [...people, ...among(LEVEL.detail, icmpType), ...among(LEVEL.icmpCode, icmpCode)];
}

/** An address, or a range in CIDR notation. */
function readSource(protocol: string, source: string): Constraint[] {
    const parsed = parseAddressRange(source);
    if ("problem" in parsed || source.includes("-")) throw new UnreadableRuleset(`${source} is no CIDR range`);
    const { family } = parsed.range;
    return [...protocolOf(protocol, family), { kind: "addresses", level: LEVEL.far, family, ranges: [parsed.range] }];
}

/** Port 0 goes with port 1, as everywhere: nobody can name it. */
function portsBetween(first: number, last: number): Constraint {
    if (!isWithin(first, 65535) || !isWithin(last, 65535) || first > last || last === 0)
        throw new UnreadableRuleset(`${first} to ${last} are no ports`);
    const interval: Interval = { first: first === 1 ? 0 : first, last };
    return { kind: "values", level: LEVEL.destinationPort, intervals: [interval] };
}

/** -1 is any. */
function among(level: number, value: number): Constraint[] {
    if (value === -1) return [];
    if (!isWithin(value, 255)) throw new UnreadableRuleset(`ICMP has no type or code ${value}`);
    return [oneValue(level, value)];
}

function isWithin(value: number, last: number): boolean {
    return Number.isInteger(value) && 0 <= value && value <= last;
}
