import { type Constraint, firstOf, ofFamily, oneValue, whereAll } from "../../analysis/constraints";
import type { Diagram, Diagrams } from "../../analysis/diagram";
import { orElse } from "../../analysis/operations";
import { LEVEL, STATES } from "../../analysis/packetFields";
import type { Family } from "../../model/addresses";
import { parseAddressRange } from "../../model/parseAddress";
import type { Direction } from "../../model/rule";
import { VERDICT } from "../meaning";
import { UnreadableRuleset } from "../unreadable";
import type { LayerStackRow, LayerStackTemplate } from "./rows";

/**
 * What the templates of a server do with every packet of a direction, by their rows alone: accept or drop. Written apart from
 * `render`. As the vendor's page says, and where it says nothing as chosen here:
 *
 * - All packets are dropped by default, in and out. A row lets packets pass, and so does it beside rows of other templates.
 * - A row of the inbound list names the source, one of the outbound list the destination, both the destination's port.
 * - `ALL` is TCP, UDP and ICMP, since nothing else is supported (not verified). ICMP over IPv6 is ICMPv6.
 * - Replies of TCP, UDP and ICMP pass in both directions (of which protocols is not verified).
 * - A row without an address, or with one of IPv6, is about IPv6 too (not verified).
 * - Without a template nothing is filtered (not verified).
 *
 * @throws UnreadableRuleset
 */
export function interpretTemplates(
    templates: readonly LayerStackTemplate[],
    direction: Direction,
    diagrams: Diagrams,
): Diagram {
    if (templates.length === 0) return VERDICT.accept;
    const rows = templates.flatMap(({ inbound, outbound }) => (direction === "ingress" ? inbound : outbound));
    const passing = [...rows.flatMap(readRow), ...REPLIES];
    const accepted = firstOf(
        diagrams,
        passing.map((asked) => whereAll(diagrams, asked, VERDICT.accept)),
    );
    return diagrams.combine(orElse, accepted, VERDICT.drop);
}

type Asked = readonly Constraint[];

const NUMBERS: Readonly<Record<string, Readonly<Record<Family, number>>>> = {
    TCP: { 4: 6, 6: 6 },
    UDP: { 4: 17, 6: 17 },
    ICMP: { 4: 1, 6: 58 },
};

const established = oneValue(LEVEL.state, STATES.indexOf("established"));
const REPLIES: readonly Asked[] = ([4, 6] as const).flatMap((family) =>
    Object.values(NUMBERS).map((numbers) => [ofFamily(family), oneValue(LEVEL.protocol, numbers[family]), established]),
);

/** What a row asks, for each protocol and family that it is about. */
function readRow({ traffic, address }: LayerStackRow): Asked[] {
    const [protocol = "", ports, ...more] = traffic.split(": ");
    const isAll = protocol === "ALL" && ports === undefined;
    if (!isAll && (!Object.hasOwn(NUMBERS, protocol) || ports === undefined || more.length > 0))
        throw new UnreadableRuleset(`${traffic} is no protocol with its ports`);
    const numbers = isAll ? Object.values(NUMBERS) : [NUMBERS[protocol]!];
    const end = readAddress(address);
    const families = ([4, 6] as const).filter((family) => !end || family === end.family);
    return families.flatMap((family) =>
        numbers.map((number): Asked => [
            ofFamily(family),
            oneValue(LEVEL.protocol, number[family]),
            ...(end ? [end] : []),
            ...(isAll || ports === "ALL" ? [] : [readPorts(protocol, ports!)]),
        ]),
    );
}

function readAddress(address: string | undefined) {
    if (address === undefined) return undefined;
    const parsed = parseAddressRange(address);
    if ("problem" in parsed || !/\/\d+$/.test(address)) throw new UnreadableRuleset(`${address} is no CIDR range`);
    const { family } = parsed.range;
    return { kind: "addresses", level: LEVEL.far, family, ranges: [parsed.range] } as const;
}

/** Port 0 goes with port 1, as everywhere: nobody can name it. */
function readPorts(protocol: string, text: string): Constraint {
    const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
    const [first, last] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
    if (!found || protocol === "ICMP" || first < 1 || last > 65535 || first > last)
        throw new UnreadableRuleset(`${protocol} has no ports ${text}`);
    const interval = { first: first === 1 ? 0 : first, last };
    return { kind: "values", level: LEVEL.destinationPort, intervals: [interval] };
}
