import { LEVEL, STATES } from "../../../analysis/packetFields";
import type { Family } from "../../../model/addresses";
import type { Direction } from "../../../model/rule";
import { type Constraint, ofFamily, oneValue } from "../../../analysis/constraints";
import {
    ETHER_TYPES,
    FAMILY_NUMBERS,
    ICMP_CODES,
    ICMP_TYPES,
    ICMPV6_CODES,
    ICMPV6_TYPES,
    type Names,
    PROTOCOLS,
    STATE_BITS,
    TCP_FLAG_BITS,
} from "./names";

/** Where the chain stands. Of what is forwarded, the destination is what the connection asked for at first. */
export type HookName = "input" | "output" | "forward";

export const HOOKS = { ingress: "input", egress: "output" } as const satisfies Record<Direction, "input" | "output">;

/** What a field of nft is in a diagram. */
export type Dimension =
    /** `numbers[value]` is what nft compares where the level has that value; `bits`: it may compare them bit by bit. */
    | {
          readonly kind: "numbers";
          readonly level: number;
          readonly numbers: readonly number[];
          readonly names: Names;
          readonly bits?: true;
      }
    | { readonly kind: "ports"; readonly level: number }
    | { readonly kind: "addresses"; readonly level: typeof LEVEL.own | typeof LEVEL.far; readonly family: Family }
    | { readonly kind: "interface" }
    /** The interface on the other side of the host, which is none at these hooks. */
    | { readonly kind: "no interface" };

export interface Field {
    /** nft asks for these first: `tcp dport` is of TCP, whatever is compared. */
    readonly implied: readonly Constraint[];
    /** Absent: no field of a diagram. */
    readonly dimension?: Dimension;
}

const BYTES = Array.from({ length: 256 }, (_, value) => value);
const STATE_NUMBERS = STATES.map((state) => STATE_BITS[state]!);

const numbers = (level: number, names: Names): Dimension => ({ kind: "numbers", level, numbers: BYTES, names });
const protocol = numbers(LEVEL.protocol, PROTOCOLS);

const ofProtocol = (number: number): Constraint => oneValue(LEVEL.protocol, number);
const ICMP = [ofFamily(4), ofProtocol(1)];
const ICMPV6 = [ofFamily(6), ofProtocol(58)];

/** What the header of a field implies. */
const HEADERS: Readonly<Record<string, readonly Constraint[]>> = {
    ip: [ofFamily(4)],
    ip6: [ofFamily(6)],
    tcp: [ofProtocol(6)],
    udp: [ofProtocol(17)],
    icmp: ICMP,
    icmpv6: ICMPV6,
    igmp: [ofFamily(4), ofProtocol(2)],
    dccp: [ofProtocol(33)],
    gre: [ofProtocol(47)],
    esp: [ofProtocol(50)],
    ah: [ofProtocol(51)],
    comp: [ofProtocol(108)],
    sctp: [ofProtocol(132)],
    udplite: [ofProtocol(136)],
    ...Object.fromEntries(
        ["rt", "rt0", "rt2", "rt4", "hbh", "dst", "frag", "mh", "srh"].map((h) => [h, [ofFamily(6)]]),
    ),
};

const WITH_PORTS = ["tcp", "udp", "th", "sctp", "dccp", "udplite"];

const DIMENSIONS: ReadonlyMap<string, Dimension> = new Map<string, Dimension>([
    ["meta l4proto", protocol],
    ["ip protocol", protocol],
    // Of packets without extension headers, and there are no others in a diagram.
    ["ip6 nexthdr", protocol],
    ["meta nfproto", { kind: "numbers", level: LEVEL.family, numbers: [2, 10], names: FAMILY_NUMBERS }],
    ["meta protocol", { kind: "numbers", level: LEVEL.family, numbers: [0x0800, 0x86dd], names: ETHER_TYPES }],
    ["tcp flags", { kind: "numbers", level: LEVEL.detail, numbers: BYTES, names: TCP_FLAG_BITS, bits: true }],
    ["icmp type", numbers(LEVEL.detail, ICMP_TYPES)],
    ["icmp code", numbers(LEVEL.icmpCode, ICMP_CODES)],
    ["icmpv6 type", numbers(LEVEL.detail, ICMPV6_TYPES)],
    ["icmpv6 code", numbers(LEVEL.icmpCode, ICMPV6_CODES)],
    ["ct state", { kind: "numbers", level: LEVEL.state, numbers: STATE_NUMBERS, names: STATE_BITS, bits: true }],
    ...WITH_PORTS.flatMap((header): [string, Dimension][] => [
        [`${header} sport`, { kind: "ports", level: LEVEL.sourcePort }],
        [`${header} dport`, { kind: "ports", level: LEVEL.destinationPort }],
    ]),
    ["@th,0,16", { kind: "ports", level: LEVEL.sourcePort }],
    ["@th,16,16", { kind: "ports", level: LEVEL.destinationPort }],
]);

/** What each name means at a hook, for a ruleset that says the same few names again and again. */
export function openFields(hook: HookName): (name: string) => Field {
    const known = new Map<string, Field>();
    return (name) => {
        const before = known.get(name);
        if (before) return before;
        const field = fieldOf(name, hook);
        known.set(name, field);
        return field;
    };
}

function fieldOf(name: string, hook: HookName): Field {
    const [header = "", key = ""] = name.split(" ");
    const implied = Object.hasOwn(HEADERS, header) ? HEADERS[header]! : impliedByConnection(name);
    const dimension =
        hook === "forward"
            ? forwardedDimension(name, header, key)
            : (DIMENSIONS.get(name) ?? addressDimension(header, key, hook) ?? interfaceDimension(name, hook));
    return dimension ? { implied, dimension } : { implied };
}

/** `ct original ip daddr` is of IPv4. */
function impliedByConnection(name: string): readonly Constraint[] {
    const [, family] = /^ct (?:original|reply) (ip6?) /.exec(name) ?? [];
    return family ? [ofFamily(family === "ip" ? 4 : 6)] : [];
}

/** Its destination by now, and where it leaves, are conditions: a packet of a diagram has none of them. */
function forwardedDimension(name: string, header: string, key: string): Dimension | undefined {
    const [, family] = /^ct original (ip6?) daddr$/.exec(name) ?? [];
    if (family) return { kind: "addresses", level: LEVEL.own, family: family === "ip" ? 4 : 6 };
    if (name === "ct original proto-dst") return { kind: "ports", level: LEVEL.destinationPort };
    const dimension =
        DIMENSIONS.get(name) ?? addressDimension(header, key, "input") ?? interfaceDimension(name, "input");
    if (!dimension || dimension.kind === "no interface") return undefined;
    return dimension.kind !== "interface" && DESTINATION.has(dimension.level) ? undefined : dimension;
}

const DESTINATION: ReadonlySet<number> = new Set([LEVEL.own, LEVEL.destinationPort]);

function addressDimension(header: string, key: string, hook: HookName): Dimension | undefined {
    if ((header !== "ip" && header !== "ip6") || (key !== "saddr" && key !== "daddr")) return undefined;
    const own = (key === "daddr") === (hook === "input");
    return { kind: "addresses", level: own ? LEVEL.own : LEVEL.far, family: header === "ip" ? 4 : 6 };
}

const INTERFACES = /^meta ([io])if(name)?$/;

function interfaceDimension(name: string, hook: HookName): Dimension | undefined {
    const side = INTERFACES.exec(name)?.[1];
    if (side === undefined) return undefined;
    return { kind: (side === "i") === (hook === "input") ? "interface" : "no interface" };
}

export function isInterface(name: string): boolean {
    return INTERFACES.test(name);
}
