import { type IcmpProtocol, icmpTypeName } from "../model/icmpTypes";
import { formatPort } from "../model/ports";
import { formatProtocol, protocolByNumber } from "../model/protocols";
import type { Diagram, Diagrams, Piece } from "./diagram";
import { forPorts, forValues, LEVEL } from "./packetFields";
import { PROTOCOL_NUMBERS } from "./policyDiagram";

/** One kind of traffic of a set of packets, and what is asked of it besides. */
export interface Traffic {
    /** `tcp 443`, `icmp echo-request`, `any`. */
    readonly what: string;
    /** Its packets. */
    readonly packets: Diagram;
    /** The same without the protocol, type and port. */
    readonly rest: Diagram;
}

/** A set of packets by protocol, message type and destination port, in order; what nobody names is `any` and comes first. */
export function trafficIn(diagrams: Diagrams, packets: Diagram): Traffic[] {
    const protocols = diagrams.pieces(packets, LEVEL.protocol);
    const others = widest(protocols);
    const any = { what: "any", packets: ofProtocols(diagrams, protocols, others), rest: others };
    const named = protocols.flatMap((piece) =>
        piece.kid === others || piece.kid === 0
            ? []
            : numbersOf(piece).flatMap((number) => ofProtocol(diagrams, number, piece.kid, others)),
    );
    return [...(others === 0 ? [] : [any]), ...named];
}

function ofProtocols(diagrams: Diagrams, protocols: readonly Piece[], kid: Diagram): Diagram {
    const numbers = protocols.filter((piece) => piece.kid === kid).flatMap(numbersOf);
    return forValues(diagrams, LEVEL.protocol, numbers, kid);
}

/** `others`: what `any` has said already. */
function ofProtocol(diagrams: Diagrams, number: number, kid: Diagram, others: Diagram): Traffic[] {
    const name = formatProtocol(protocolByNumber(String(number)) ?? number);
    const inProtocol = (some: Diagram) => forValues(diagrams, LEVEL.protocol, [number], some);
    const isSaid = (piece: Piece) => piece.kid === 0 || piece.kid === others;
    if (number === PROTOCOL_NUMBERS.icmp || number === PROTOCOL_NUMBERS.icmpv6) {
        const types = diagrams.pieces(kid, LEVEL.detail);
        const rest = widest(types);
        const ofTypes = (what: string, pieces: readonly Piece[]): Traffic => ({
            what,
            packets: inProtocol(forValues(diagrams, LEVEL.detail, pieces.flatMap(numbersOf), pieces[0]!.kid)),
            rest: pieces[0]!.kid,
        });
        const single = types
            .filter((piece) => piece.kid !== rest && !isSaid(piece))
            .flatMap(numbersOf)
            .map((type) => {
                const piece = { first: type, last: type, kid: diagrams.kidAt(kid, LEVEL.detail, type) };
                return ofTypes(`${name} ${icmpTypeName(name as IcmpProtocol, type)}`, [piece]);
            });
        const remaining = types.filter((piece) => piece.kid === rest && !isSaid(piece));
        if (remaining.length === 0) return single;
        return [...single, ofTypes(types.length > 1 ? `${name} (other types)` : name, remaining)];
    }
    return diagrams
        .pieces(kid, LEVEL.destinationPort)
        .filter((piece) => !isSaid(piece))
        .map((piece) => {
            const port = { first: Math.max(piece.first, 1), last: piece.last };
            return {
                what: piece.first === 0 && piece.last === 65535 ? name : `${name} ${formatPort(port)}`,
                packets: inProtocol(forPorts(diagrams, LEVEL.destinationPort, [port], piece.kid)),
                rest: piece.kid,
            };
        });
}

function widest(pieces: readonly Piece[]): Diagram {
    const widths = new Map<Diagram, number>();
    for (const { first, last, kid } of pieces) widths.set(kid, (widths.get(kid) ?? 0) + last - first + 1);
    return [...widths].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

function numbersOf({ first, last }: Piece): number[] {
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
