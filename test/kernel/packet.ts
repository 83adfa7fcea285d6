import type { Packet } from "../../core/analysis/decide";
import { formatAddress } from "../../core/model/addresses";
import { icmpTypeName } from "../../core/model/icmpTypes";
import type { Way } from "./ways";

/** A packet as it is sent. The base asks for the hop limit, no rule does. */
export interface Probe extends Packet {
    readonly hopLimit: number;
    /** The packet that an ICMP error is about. */
    readonly about?: Probe;
    /** Where it is not for this host, nor from it. The policy's rules for what arrives are asked then. */
    readonly forwarded?: Way;
}

/** A packet with this hop limit is not dropped behind the hook (probe.nft), so that its replies are replies. */
export const GOES_ON = 77;

export const [ICMP, TCP, UDP, ICMPV6] = [1, 6, 17, 58] as const;

/** IPv6 takes these for headers in front of another protocol, which is not there; 51 and 59 it hands on as they are. */
export const HEADERS_OF_IPV6: readonly number[] = [0, 43, 44, 60];

/** Room for the headers and the longest of the bodies below. */
export const LONGEST = 40 + 8 + 40 + 20;

/**
 * Writes the probe as an IP packet into `buffer` at `start` and returns where it ends. All checksums are right, or REJECT
 * would not answer. `id` rides in the IPv4 identification and in the IPv6 flow label, where no rule looks.
 */
export function writePacket(buffer: Buffer, start: number, probe: Probe, id: number): number {
    const header = probe.family === 4 ? 20 : 40;
    const body = start + header;
    const end = writeBody(buffer, body, probe, id);
    const size = end - body;
    if (probe.family === 4) {
        buffer.writeUInt32BE(0x45000000 + header + size, start);
        buffer.writeUInt32BE(id * 0x10000, start + 4);
        buffer.writeUInt32BE(probe.hopLimit * 0x1000000 + probe.protocol * 0x10000, start + 8);
        buffer.writeUInt32BE(Number(probe.source), start + 12);
        buffer.writeUInt32BE(Number(probe.destination), start + 16);
        buffer.writeUInt16BE(checksum(buffer, start, body, 0), start + 10);
    } else {
        buffer.writeUInt32BE(0x60000000 + id, start);
        buffer.writeUInt32BE(size * 0x10000 + probe.protocol * 0x100 + probe.hopLimit, start + 4);
        writeAddress(buffer, start + 8, probe.source);
        writeAddress(buffer, start + 24, probe.destination);
    }
    // ICMP, and protocols that the kernel does not know, are summed alone in IPv4; all others with the addresses.
    const alone = probe.family === 4 && probe.protocol !== TCP && probe.protocol !== UDP;
    const addresses = probe.family === 4 ? 8 : 32;
    const sum = alone ? checksum(buffer, body, end, 0) : checksum(buffer, body - addresses, end, probe.protocol + size);
    // In UDP 0 would say that there is no checksum.
    buffer.writeUInt16BE(sum === 0 && probe.protocol === UDP ? 0xffff : sum, body + checksumAt(probe));
    return end;
}

/** Returns where it ends. */
function writeBody(buffer: Buffer, at: number, probe: Probe, id: number): number {
    const size = probe.protocol === TCP ? 20 : 8;
    buffer.fill(0, at, at + size);
    if (probe.protocol === TCP || probe.protocol === UDP) {
        buffer.writeUInt16BE(probe.sourcePort!, at);
        buffer.writeUInt16BE(probe.destinationPort!, at + 2);
    }
    if (probe.protocol === UDP) buffer.writeUInt16BE(size, at + 4);
    if (probe.protocol === TCP) {
        // A reset says one of these again, plus at most 2.
        buffer.writeUInt32BE(4 * id, at + 4);
        buffer.writeUInt32BE(4 * id, at + 8);
        buffer.writeUInt16BE(0x5000 + probe.tcpFlags!, at + 12);
        buffer.writeUInt16BE(0xffff, at + 14);
    }
    if (probe.icmpType !== undefined) {
        buffer.writeUInt8(probe.icmpType, at);
        buffer.writeUInt8(probe.icmpCode!, at + 1);
    }
    return probe.about ? writePacket(buffer, at + size, probe.about, 1) : at + size;
}

function checksumAt({ protocol }: Probe): number {
    if (protocol === TCP) return 16;
    if (protocol === UDP) return 6;
    return 2;
}

function writeAddress(buffer: Buffer, at: number, address: bigint): void {
    buffer.writeBigUInt64BE(address >> 64n, at);
    buffer.writeBigUInt64BE(address & 0xffffffffffffffffn, at + 8);
}

function checksum(buffer: Buffer, start: number, end: number, initial: number): number {
    let sum = initial;
    for (let at = start; at < end; at += 2) sum += buffer.readUInt16BE(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return 0xffff - sum;
}

/** `arriving IPv6 icmpv6 echo-request (128) code 0 from 2001:db8::1 to fe80::1, hop limit 255` */
export function describeProbe(probe: Probe): string {
    const end = (address: bigint, port: number | undefined) =>
        `${formatAddress(probe.family, address)}${port === undefined ? "" : ` port ${port}`}`;
    return [
        describeWay(probe),
        `IPv${probe.family}`,
        describeProtocol(probe),
        `from ${end(probe.source, probe.sourcePort)} to ${end(probe.destination, probe.destinationPort)},`,
        `hop limit ${probe.hopLimit}${probe.about ? `, about one ${describeProbe(probe.about)}` : ""}`,
    ].join(" ");
}

function describeWay({ direction, interface: comesBy, forwarded }: Probe): string {
    if (!forwarded) return direction === "ingress" ? "arriving" : "leaving";
    const { leavesBy, translated } = forwarded;
    return `forwarded from ${comesBy} to ${leavesBy}${translated === "no" ? "" : `, another ${translated} in its place`},`;
}

function describeProtocol(probe: Probe): string {
    const { protocol, icmpType, icmpCode, tcpFlags = 0 } = probe;
    const kind = protocolKind(probe);
    if (kind === "tcp") return `tcp (flags 0x${tcpFlags.toString(16)})`;
    if (kind === "other") return `protocol ${protocol}`;
    if (kind === "udp" || icmpType === undefined) return kind;
    const name = icmpTypeName(kind, icmpType);
    return `${kind} ${name}${name === String(icmpType) ? "" : ` (${icmpType})`} code ${icmpCode}`;
}

function protocolKind({ protocol, family }: Probe): "tcp" | "udp" | "icmp" | "icmpv6" | "other" {
    if (protocol === TCP) return "tcp";
    if (protocol === UDP) return "udp";
    if (protocol === ICMP && family === 4) return "icmp";
    return protocol === ICMPV6 && family === 6 ? "icmpv6" : "other";
}

/** What sort of packet it is: `ingress IPv4 tcp`. */
export function kindOf(probe: Probe): string {
    return `${probe.forwarded ? "forwarded" : probe.direction} IPv${probe.family} ${protocolKind(probe)}`;
}
