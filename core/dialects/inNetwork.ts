import ipaddr from "ipaddr.js";
import type { Family } from "../model/addresses";

/**
 * Is an address in this network (`192.0.2.0/24`), or is it this one (`192.0.2.1`)? Its highest bits are those of the network. For
 * those who decide packet by packet, apart from the packet sets of the interpreters that they are compared with.
 */
export function inNetwork(text: string): (family: Family, address: bigint) => boolean {
    const [start, length] = text.includes("/") ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
    const bytes = start.toByteArray();
    const own = bytes.length === 4 ? 4 : 6;
    const free = length === undefined ? 0n : BigInt(8 * bytes.length - length);
    const high = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) >> free;
    return (family, address) => family === own && address >> free === high;
}
