import ipaddr from "ipaddr.js";
import { type AddressRange, BITS, type Family, prefixToRange } from "../../model/addresses";
import { icmpTypeName, icmpTypeNumber, type IcmpProtocol } from "../../model/icmpTypes";
import type { PortRange } from "../../model/ports";
import type { Protocol } from "../../model/rule";
import type { Item, Scalar } from "./listing";

/** The addresses of a listed item; undefined if they are not of this family. */
export function readAddresses(item: Item, family: Family): AddressRange | undefined {
    if (item.kind === "prefix") {
        const address = readAddress(item.address, family);
        const { length } = item;
        const isLength = Number.isInteger(length) && length >= 0 && length <= BITS[family];
        return address !== undefined && isLength ? prefixToRange({ family, address, length }) : undefined;
    }
    const first = readAddress(item.kind === "range" ? item.first : item.value, family);
    const last = readAddress(item.kind === "range" ? item.last : item.value, family);
    return first === undefined || last === undefined ? undefined : { family, first, last };
}

function readAddress(value: Scalar, family: Family): bigint | undefined {
    const kind = family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
    if (typeof value !== "string" || !kind.isValid(value)) return undefined;
    return kind
        .parse(value)
        .toByteArray()
        .reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

export function readPorts(item: Item): PortRange | undefined {
    const range = readNumbers(item, (value) => (typeof value === "number" ? value : undefined));
    return range && range.first >= 0 && range.last <= 65535 ? range : undefined;
}

/** Every type of a listed item, in the words of the model. */
export function readIcmpTypes(item: Item, protocol: IcmpProtocol): string[] | undefined {
    return readNumbersOneByOne(item, (value) => icmpTypeNumber(protocol, value))?.map((type) =>
        icmpTypeName(protocol, type),
    );
}

/** nft says codes by the names that they have with the types of unreachable destinations, whatever the type is. */
const CODES: Readonly<Record<IcmpProtocol, Readonly<Record<string, number>>>> = {
    icmp: {
        "net-unreachable": 0,
        "host-unreachable": 1,
        "prot-unreachable": 2,
        "port-unreachable": 3,
        "frag-needed": 4,
        "net-prohibited": 9,
        "host-prohibited": 10,
        "admin-prohibited": 13,
    },
    icmpv6: {
        "no-route": 0,
        "admin-prohibited": 1,
        "addr-unreachable": 3,
        "port-unreachable": 4,
        "policy-fail": 5,
        "reject-route": 6,
    },
};

/** Every code of a listed item. */
export function readIcmpCodes(item: Item, protocol: IcmpProtocol): number[] | undefined {
    const names = CODES[protocol];
    return readNumbersOneByOne(item, (value) =>
        typeof value === "number" ? value : Object.hasOwn(names, value) ? names[value] : undefined,
    );
}

const PROTOCOLS: Record<string, number> = {
    icmp: 1,
    igmp: 2,
    tcp: 6,
    udp: 17,
    dccp: 33,
    gre: 47,
    esp: 50,
    ah: 51,
    "ipv6-icmp": 58,
    icmpv6: 58,
    comp: 108,
    sctp: 132,
    udplite: 136, // prettier-ignore
};
const NAMED: Record<number, Protocol> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };

export function readProtocols(item: Item): Protocol[] | undefined {
    const numbers = readNumbersOneByOne(item, (value) => (typeof value === "number" ? value : protocolNumber(value)));
    return numbers?.map((number) => NAMED[number] ?? number);
}

function protocolNumber(name: string): number | undefined {
    return Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
}

/** Protocols and ICMP types are bytes; a host that says more must not make us count to it. */
function readNumbersOneByOne(item: Item, read: (value: Scalar) => number | undefined): number[] | undefined {
    const range = readNumbers(item, read);
    if (range && (range.first < 0 || range.last > 255)) return undefined;
    return range && Array.from({ length: range.last - range.first + 1 }, (_, index) => range.first + index);
}

function readNumbers(item: Item, read: (value: Scalar) => number | undefined): PortRange | undefined {
    if (item.kind === "prefix") return undefined;
    const first = read(item.kind === "range" ? item.first : item.value);
    const last = read(item.kind === "range" ? item.last : item.value);
    if (first === undefined || last === undefined || first > last) return undefined;
    return Number.isInteger(first) && Number.isInteger(last) ? { first, last } : undefined;
}

/** Reads every item, or nothing if one of them can't be read. */
export function readAll<T>(items: readonly Item[], read: (item: Item) => T | undefined): T[] | undefined {
    const values = items.map(read).filter((value) => value !== undefined);
    return values.length === items.length ? values : undefined;
}
