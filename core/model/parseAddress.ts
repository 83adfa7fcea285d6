import ipaddr from "ipaddr.js";
import { type AddressRange, BITS, type Family, formatAddress, formatPrefix, prefixToRange } from "./addresses";
import { type Diagnostic, diagnostic, quote } from "./diagnostics";

/** A range, or the diagnostic that says why the text is none. */
export type ParsedRange = { readonly range: AddressRange } | { readonly problem: Diagnostic };

/**
 * Reads an address, a prefix or a range `a-b`, strictly: the text means the same to every reader.
 *
 * Errors: VF001 (no address), VF002 (host bits set), VF004 (reversed), VF005 (two families).
 */
export function parseAddressRange(text: string, property?: string): ParsedRange {
    const dash = text.indexOf("-");
    if (dash >= 0) return parseFromTo(text, text.slice(0, dash).trim(), text.slice(dash + 1).trim(), property);
    const slash = text.indexOf("/");
    const host = parseAddress(slash < 0 ? text : text.slice(0, slash));
    if (!host) return notAnAddress(text, property);
    if (slash < 0) return { range: { family: host.family, first: host.address, last: host.address } };
    const lengthText = text.slice(slash + 1);
    const length = Number(lengthText);
    if (!/^(0|[1-9]\d{0,2})$/.test(lengthText) || length > BITS[host.family]) return notAnAddress(text, property);
    const free = BigInt(BITS[host.family] - length);
    const network = (host.address >> free) << free;
    if (network !== host.address) {
        const prefix = quote(formatPrefix({ family: host.family, address: network, length }));
        const address = quote(formatAddress(host.family, host.address));
        return { problem: diagnostic("VF002", { value: quote(text), prefix, address }, property) };
    }
    return { range: prefixToRange({ family: host.family, address: network, length }) };
}

function parseFromTo(text: string, from: string, to: string, property?: string): ParsedRange {
    const first = parseAddress(from);
    const last = parseAddress(to);
    if (!first || !last) return notAnAddress(text, property);
    if (first.family !== last.family) return { problem: diagnostic("VF005", { value: quote(text) }, property) };
    if (first.address > last.address)
        return { problem: diagnostic("VF004", { value: quote(text), proposal: quote(`${to}-${from}`) }, property) };
    return { range: { family: first.family, first: first.address, last: last.address } };
}

function notAnAddress(text: string, property?: string): ParsedRange {
    return { problem: diagnostic("VF001", { value: quote(text) }, property) };
}

function parseAddress(text: string): { family: Family; address: bigint } | undefined {
    if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { family: 4, address: toNumber(ipaddr.IPv4.parse(text)) };
    // IPv4 with dots inside IPv6, and zones, have other meanings to other programs, so they are no addresses here.
    if (!/^[0-9a-fA-F:]+$/.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
    return { family: 6, address: toNumber(ipaddr.IPv6.parse(text)) };
}

function toNumber(address: ipaddr.IPv4 | ipaddr.IPv6): bigint {
    return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
