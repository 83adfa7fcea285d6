import type { Packet } from "../../analysis/decide";

const UDP = 17;
const ICMPV6 = 58;
/** fe80::/10 */
const isLinkLocal = (address: bigint) => address >> 118n === 0x3fan;

/** What the base accepts of new packets from the network, by the name that its rule has there; see `base.ts`. */
export function baseTraffic(packet: Packet): string | undefined {
    const { direction, family, protocol, icmpType = -1, sourcePort, destinationPort } = packet;
    if (family === 6 && protocol === ICMPV6) {
        if (icmpType >= 133 && icmpType <= 136) return "neighbour discovery";
        if ((icmpType >= 130 && icmpType <= 132) || icmpType === 143) return "multicast listener discovery";
    }
    if (protocol !== UDP) return undefined;
    const [server, client] = direction === "ingress" ? [sourcePort, destinationPort] : [destinationPort, sourcePort];
    const isDhcp = family === 4 ? server === 67 && client === 68 : server === 547 && client === 546;
    return isDhcp && (family === 4 || isLinkLocal(packet.source)) ? "dhcp client" : undefined;
}
