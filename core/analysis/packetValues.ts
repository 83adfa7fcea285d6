import { TCP_FLAGS } from "../model/tcpFlags";
import type { Packet } from "./decide";
import { type Diagram, type Diagrams, NO_LEVEL } from "./diagram";
import type { Interfaces } from "./interfaces";
import { LEVEL, STATES, wordAt } from "./packetFields";

/** What a diagram that asks no conditions gives for one packet. */
export function evaluateAt(diagrams: Diagrams, diagram: Diagram, packet: Packet, interfaces: Interfaces): number {
    let at = diagram;
    for (let level = diagrams.levelOf(at); level !== NO_LEVEL; level = diagrams.levelOf(at))
        at = diagrams.kidAt(at, level, valueAt(packet, level, interfaces));
    return at;
}

/** The value of a packet's field; what its protocol has not is 0. */
export function valueAt(packet: Packet, level: number, interfaces: Interfaces): number {
    const { direction, family, protocol, source, destination } = packet;
    const [own, far] = direction === "ingress" ? [destination, source] : [source, destination];
    switch (level) {
        case LEVEL.protocol:
            return protocol;
        case LEVEL.detail:
            return packet.icmpType ?? packet.tcpFlags ?? (protocol === 6 ? TCP_FLAGS.syn : 0);
        case LEVEL.icmpCode:
            return packet.icmpCode ?? 0;
        case LEVEL.state:
            return STATES.indexOf(packet.state ?? "new");
        case LEVEL.destinationPort:
            return packet.destinationPort ?? 0;
        case LEVEL.interface:
            return packet.interface === undefined ? 0 : interfaces.names.indexOf(packet.interface);
        case LEVEL.family:
            return family === 4 ? 0 : 1;
        case LEVEL.sourcePort:
            return packet.sourcePort ?? 0;
        default:
            if (level >= LEVEL.condition) throw new Error("a condition is no field of a packet");
            return level < LEVEL.far ? wordAt(own, family, level - LEVEL.own) : wordAt(far, family, level - LEVEL.far);
    }
}
