import fc from "fast-check";
import { decide, type Decision, type Packet as PacketInNumbers } from "../../../core/analysis/decide";
import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../../../core/model/addresses";
import { icmpTypeNumber } from "../../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../../core/model/normalRule";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { KeyedRule, NamedSet, Policy } from "../../../core/model/policy";
import type { Addresses, Direction, PortList, ProtocolMatch, Rule } from "../../../core/model/rule";

/** A world so small that every packet of it can be asked. */
const FAR = ["9.255.255.255", "10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2", "fe80::1"];
const OWN = ["192.0.2.10", "192.0.2.20", "2001:db8::a"];
const PORTS = [1, 2, 3, 4, 65535];
const TYPES = [0, 8, 128];

export interface Packet {
    readonly direction: Direction;
    readonly protocol: "tcp" | "udp" | "icmp" | "icmpv6" | 47;
    /** The other end. */
    readonly far: string;
    /** The server's address. */
    readonly own: string;
    /** Source and destination port, or twice the ICMP type. */
    readonly source: number;
    readonly destination: number;
}

/** Every packet of the world. */
export const packets: readonly Packet[] = (["ingress", "egress"] as const).flatMap((direction) =>
    FAR.flatMap((far) =>
        OWN.filter((own) => own.includes(":") === far.includes(":")).flatMap((own): Packet[] => {
            const common = { direction, far, own };
            const icmp = own.includes(":") ? ("icmpv6" as const) : ("icmp" as const);
            const types = TYPES.map((type) => ({ ...common, protocol: icmp, source: type, destination: type }));
            const ports = (["tcp", "udp"] as const).flatMap((protocol) =>
                PORTS.flatMap((destination) =>
                    [1, 3, 65535].map((source) => ({ ...common, protocol, source, destination })),
                ),
            );
            return [...types, ...ports, { ...common, protocol: 47, source: 0, destination: 0 }];
        }),
    ),
);

export function isAccepted(policy: Policy, packet: Packet): boolean {
    return decideAt(policy, packet).verdict === "accept";
}

export function decideAt(policy: Policy, packet: Packet): Decision {
    return decide(policy, inNumbers(packet));
}

const NUMBERS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as const;

function inNumbers({ direction, protocol, far, own, source, destination }: Packet): PacketInNumbers {
    const [from, to] = direction === "ingress" ? [far, own] : [own, far];
    return {
        direction,
        family: single(far).family,
        protocol: typeof protocol === "number" ? protocol : NUMBERS[protocol],
        source: single(from).first,
        destination: single(to).first,
        ...((protocol === "tcp" || protocol === "udp") && { sourcePort: source, destinationPort: destination }),
        ...((protocol === "icmp" || protocol === "icmpv6") && { icmpType: destination }),
    };
}

/** Does the text of an exposure let the packet through? `unsaid`: it gives a count and a digest for a long list. */
export function isExposed(exposure: Readonly<Record<string, string>>, packet: Packet): boolean | "unsaid" {
    const who = lineFor(exposure, packet);
    if (/\d addresses \(/.test(who)) return "unsaid";
    if (who === "nobody") return false;
    return who.split("; ").some((alternative) => lets(alternative, packet));
}

/** The line that speaks of the packet: of its port or type, else of its protocol, else of any. */
function lineFor(exposure: Readonly<Record<string, string>>, packet: Packet): string {
    const named = typeof packet.protocol === "number" ? `protocol ${packet.protocol}` : packet.protocol;
    const protocol = `${packet.direction} ${named}`;
    const exact = Object.keys(exposure).filter((key) => {
        const word = key.startsWith(`${protocol} `) ? key.slice(protocol.length + 1) : "";
        const range = /^(\d+)(?:-(\d+))?$/.exec(word);
        if (packet.protocol === "icmp" || packet.protocol === "icmpv6")
            return icmpTypeNumber(packet.protocol, word) === packet.destination;
        return range && Number(range[1]) <= packet.destination && packet.destination <= Number(range[2] ?? range[1]);
    });
    if (exact.length > 1) throw new Error(`${exact.join(" and ")} overlap`);
    const keys = [...exact, `${protocol} (other types)`, protocol, `${packet.direction} any`];
    return exposure[keys.find((key) => key in exposure) ?? ""] ?? "nobody";
}

/** `10.0.0.0/8 to 192.0.2.10 from port 53`, or with `from` for the own end of egress. */
function lets(alternative: string, packet: Packet): boolean {
    const [peers = "", ports] = alternative.split(/(?:^| )from port /);
    const [who = "", own = "anywhere"] = peers.split(packet.direction === "ingress" ? " to " : " from ");
    return includes(who, packet.far) && includes(own, packet.own) && (!ports || portIn(ports, packet.source));
}

function includes(words: string, address: string): boolean {
    const { family, first } = single(address);
    const [, every, only, listed = ""] = /^(anywhere)?(?: IPv([46]))?(?: except )?(.*)$/.exec(words)!;
    if (only && Number(only) !== family) return false;
    const held = listed
        .split(", ")
        .filter(Boolean)
        .some((text) => {
            const range = rangeOf(text);
            return range.family === family && range.first <= first && first <= range.last;
        });
    return every ? !held : held;
}

function portIn(words: string, port: number): boolean {
    return words.split(", ").some((text) => {
        const [first, last = first] = text.split("-").map(Number);
        return first! <= port && port <= last!;
    });
}

function single(address: string): { family: Family; first: bigint } {
    return rangeOf(address);
}

const known = new Map<string, AddressRange>();

function rangeOf(text: string): AddressRange {
    const before = known.get(text);
    if (before) return before;
    const parsed = parseAddressRange(text);
    if ("problem" in parsed) throw new Error(parsed.problem.message);
    known.set(text, parsed.range);
    return parsed.range;
}

const farRange = fc.oneof(
    fc.constantFrom(...FAR, "10.0.0.0/31", "10.0.0.2/31", "10.0.0.1-10.0.0.2", "2001:db8::/64").map(rangeOf),
    fc.constantFrom<Family>(4, 6).map(wholeFamily),
);
const ownRange = fc.constantFrom(...OWN, "192.0.2.0/24", "::/0").map(rangeOf);
const SET: NamedSet = { name: "s", ranges: mergeRanges(["10.0.0.1", "10.0.0.2", "fe80::1"].map(rangeOf)) };

function addresses(range: fc.Arbitrary<AddressRange>): fc.Arbitrary<Addresses> {
    return fc
        .tuple(fc.array(range, { minLength: 1, maxLength: 3 }), fc.nat(5))
        .map(([ranges, n]) => normalAddresses({ ranges, sets: n === 0 ? [{ name: "s" }] : [], unknown: false }));
}

const anywhere = fc.constant<Addresses>({ kind: "anywhere" });
const portList: fc.Arbitrary<PortList> = fc
    .array(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 3 })
    .map((list) => normalPorts({ ranges: list.map((port) => ({ first: port, last: port })), unknown: false }));

function rule(narrowing: boolean): fc.Arbitrary<Rule> {
    const withPorts = fc.record({
        matches: fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }], { minLength: 1 }),
        ports: fc.option(portList, { nil: undefined, freq: 3 }),
        sourcePorts: narrowing ? fc.option(portList, { nil: undefined, freq: 1 }) : fc.constant(undefined),
    });
    const portless = fc.record({
        matches: fc.constantFrom<ProtocolMatch[]>(
            [{ protocol: "any" }],
            [{ protocol: "icmp" }, { protocol: "icmpv6", types: ["echo-request"] }],
            [{ protocol: "icmp", types: ["echo-request", "echo-reply"] }],
            [{ protocol: "tcp" }, { protocol: 47 }],
        ),
        ports: fc.constant(undefined),
        sourcePorts: fc.constant(undefined),
    });
    return fc
        .record({
            direction: fc.constantFrom("ingress" as const, "ingress" as const, "egress" as const),
            action: fc.constantFrom("accept" as const, "accept" as const, "drop" as const, "reject" as const),
            priority: fc.constantFrom(900, 1000, 1000),
            what: fc.oneof({ weight: 3, arbitrary: withPorts }, portless),
            far: fc.oneof(anywhere, addresses(farRange)),
            own: narrowing ? fc.oneof({ weight: 3, arbitrary: anywhere }, addresses(ownRange)) : anywhere,
        })
        .map(({ direction, action, priority, what, far, own }) => {
            const [from, to] = direction === "ingress" ? [far, own] : [own, far];
            return {
                direction,
                action,
                matches: normalMatches(what.matches),
                from: { addresses: from, ...(what.sourcePorts && { ports: what.sourcePorts }) },
                to: { addresses: to, ...(what.ports && { ports: what.ports }) },
                priority,
                enabled: true,
            };
        });
}

/** Policies of the small world, in any order of rules; with `narrowing`, some rules name the own end or source ports. */
export function smallPolicy({ narrowing }: { readonly narrowing: boolean }): fc.Arbitrary<Policy> {
    const action = fc.constantFrom("accept" as const, "drop" as const, "drop" as const);
    return fc
        .record({ rules: fc.array(rule(narrowing), { maxLength: 7 }), ingress: action, egress: action })
        .map(({ rules, ingress, egress }) => ({
            rules: rules.map((rule, i): KeyedRule => ({ key: `web/r${i}`, rule })),
            sets: [SET],
            defaults: { ingress, egress },
        }));
}
