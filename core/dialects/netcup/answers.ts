import { type Constraint, firstOf, ofFamily, oneValue, whereAll } from "../../analysis/constraints";
import type { Diagram, Diagrams } from "../../analysis/diagram";
import { lastOf, LEVEL, PROTOCOL_NUMBERS } from "../../analysis/packetFields";

export type AnsweredProtocol = keyof typeof PROTOCOL_NUMBERS;

/**
 * What answers some packets of a protocol: between the same ends, the ports turned round. Of ICMP, all of it between the ends,
 * as a panel knows no types. It is a set of packets of the other direction.
 */
export function answersTo(diagrams: Diagrams, packets: Diagram, protocol: AnsweredProtocol): Diagram {
    const number = PROTOCOL_NUMBERS[protocol];
    const asked = diagrams.kidAt(packets, LEVEL.protocol, number);
    const is = oneValue(LEVEL.protocol, number);
    if (protocol === "icmp" || protocol === "icmpv6") {
        const ends = diagrams.exists(asked, MESSAGE);
        return whereAll(diagrams, [is, ofFamily(protocol === "icmp" ? 4 : 6), { kind: "packets", packets: ends }], 1);
    }
    const turned = diagrams.pieces(asked, LEVEL.destinationPort).flatMap(({ first, last, kid }) =>
        bySourcePort(diagrams, kid).map(({ from, to, ends }) => {
            const constraints: Constraint[] = [
                is,
                { kind: "values", level: LEVEL.sourcePort, intervals: [{ first, last }] },
                { kind: "values", level: LEVEL.destinationPort, intervals: [{ first: from, last: to }] },
                { kind: "packets", packets: ends },
            ];
            return whereAll(diagrams, constraints, 1);
        }),
    );
    return firstOf(diagrams, turned);
}

/** Type and code of a message. */
const MESSAGE: ReadonlySet<number> = new Set([LEVEL.detail, LEVEL.icmpCode]);

interface SourcePorts {
    readonly from: number;
    readonly to: number;
    /** The addresses with these source ports. */
    readonly ends: Diagram;
}

/** Intervals of source ports within which nothing changes. */
function bySourcePort(diagrams: Diagrams, packets: Diagram): SourcePorts[] {
    const tops = [...lastPorts(diagrams, packets)].sort((a, b) => a - b);
    return tops.flatMap((to, index): SourcePorts[] => {
        const ends = diagrams.restrict(packets, new Map([[LEVEL.sourcePort, to]]));
        return ends === 0 ? [] : [{ from: index === 0 ? 0 : tops[index - 1]! + 1, to, ends }];
    });
}

/** The last ports of the intervals that a diagram asks anywhere. */
function lastPorts(diagrams: Diagrams, packets: Diagram): Set<number> {
    const found = new Set([lastOf(LEVEL.sourcePort)]);
    const seen = new Set<Diagram>();
    const visit = (each: Diagram) => {
        const level = diagrams.levelOf(each);
        if (level > LEVEL.sourcePort || seen.has(each)) return;
        seen.add(each);
        for (const { last, kid } of diagrams.pieces(each, level)) {
            if (level === LEVEL.sourcePort) found.add(last);
            visit(kid);
        }
    };
    visit(packets);
    return found;
}
