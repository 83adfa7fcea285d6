import fc from "fast-check";
import { decide, type Decision, type Packet as PacketInNumbers } from "../../../core/analysis/decide";
import { type AddressRange, type Family, mergeRanges, wholeFamily } from "../../../core/model/addresses";
import { icmpMessage, icmpTypeName } from "../../../core/model/icmpTypes";
import { normalAddresses, normalMatches, normalPorts } from "../../../core/model/normalRule";
import { parseAddressRange } from "../../../core/model/parseAddress";
import type { KeyedRule, NamedSet, Policy } from "../../../core/model/policy";
import {
    type Addresses,
    type Direction,
    type Limit,
    type PortList,
    type ProtocolMatch,
    type Rule,
    ruleStates,
} from "../../../core/model/rule";
import { flagForms } from "../../../core/model/tcpFlags";

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

/** What a packet has besides, all packets of a world alike. */
export interface Besides {
    readonly state: NonNullable<PacketInNumbers["state"]>;
    readonly flags: "syn" | "null" | "xmas" | "other";
    readonly device?: string;
    readonly code: number;
    readonly beyondLimits?: true;
}

export const ORDINARY: Besides = { state: "new", flags: "syn", code: 0 };
export const besides: fc.Arbitrary<Besides> = fc
    .record({
        state: fc.constantFrom("new", "new", "related", "invalid", "untracked"),
        flags: fc.constantFrom("syn", "syn", "null", "xmas", "other"),
        device: fc.constantFrom(undefined, "wg0", "wg1", "eth0", "eth9"),
        code: fc.constantFrom(0, 0, 1, 2),
        beyondLimits: fc.constantFrom(undefined, undefined, true as const),
    })
    .map((found) => Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as never);

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

export function decideAt(policy: Policy, packet: Packet): Decision {
    return decide(policy, inNumbers(packet));
}

export function isAccepted(policy: Policy, packet: Packet, besides: Besides = ORDINARY): boolean {
    const { state, flags, device, code, beyondLimits } = besides;
    return (
        decide(policy, {
            ...inNumbers(packet),
            state,
            tcpFlags: FLAGS[flags],
            icmpCode: code,
            ...(device !== undefined && { interface: device }),
            ...(beyondLimits && { beyondLimits }),
        }).verdict === "accept"
    );
}

const FLAGS = { syn: 0x02, null: 0, xmas: 0x29, other: 0x14 };

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
export function isExposed(
    exposure: Readonly<Record<string, string>>,
    packet: Packet,
    besides: Besides = ORDINARY,
): boolean | "unsaid" {
    const who = lineFor(exposure, packet, besides);
    if (/\d addresses \(/.test(who)) return "unsaid";
    return byInterface(who.split("; "), packet, besides).some((alternative) => {
        const [said = "", limit] = alternative.split(" limit ");
        return said !== "nobody" && !(limit && besides.beyondLimits) && lets(said, packet);
    });
}

/** The alternatives that speak of the packet's interface: by its name, the narrowest pattern, or no interface at all. */
function byInterface(alternatives: readonly string[], { direction }: Packet, { device = "" }: Besides): string[] {
    const word = direction === "ingress" ? "in" : "out";
    const patterns = Array.from(device, (_, length) => `${device.slice(0, length + 1)}*`).reverse();
    for (const name of [device, ...patterns]) {
        const start = `${word} ${name}: `;
        const found = alternatives.filter((text) => device !== "" && text.startsWith(start));
        if (found.length > 0) return found.map((text) => text.slice(start.length));
    }
    return alternatives.filter((text) => !/^(in|out) \S+: /.test(text));
}

/** The line that speaks of the packet: of its port or type, else of its protocol, else of any. */
function lineFor(exposure: Readonly<Record<string, string>>, packet: Packet, { state, flags, code }: Besides): string {
    const named = typeof packet.protocol === "number" ? `protocol ${packet.protocol}` : packet.protocol;
    const protocol = `${packet.direction} ${named}`;
    // Lines of a state or of flags, if there are any, say everything of such packets.
    const inState = narrowed(exposure, `${packet.direction} `, ` state ${state}`);
    const lines = packet.protocol === "tcp" ? narrowed(inState, protocol, ` flags ${flags}`) : inState;
    const isIcmp = packet.protocol === "icmp" || packet.protocol === "icmpv6";
    const exact = Object.keys(lines).filter((key) => {
        const word = key.startsWith(`${protocol} `) ? key.slice(protocol.length + 1) : "";
        const range = /^(\d+)(?:-(\d+))?$/.exec(word);
        if (isIcmp) {
            const message = icmpMessage(packet.protocol as "icmp", word);
            return message?.type === packet.destination && message.code === code;
        }
        return range && Number(range[1]) <= packet.destination && packet.destination <= Number(range[2] ?? range[1]);
    });
    const ofType = Object.keys(lines).filter(
        (key) => isIcmp && key === `${protocol} ${icmpTypeName(packet.protocol as "icmp", packet.destination)}`,
    );
    if (exact.length > 1) throw new Error(`${exact.join(" and ")} overlap`);
    const keys = [...exact, ...ofType, `${protocol} (other types)`, protocol, `${packet.direction} any`];
    return lines[keys.find((key) => key in lines) ?? ""] ?? "nobody";
}

/** The lines that end so, without that; all that end in no such words, if none of those that begin so does. */
function narrowed(
    lines: Readonly<Record<string, string>>,
    start: string,
    end: string,
): Readonly<Record<string, string>> {
    const all = Object.entries(lines);
    const mine = all.filter(([key]) => key.startsWith(start) && key.endsWith(end));
    const kind = end.split(" ")[1]!;
    if (mine.length === 0) return Object.fromEntries(all.filter(([key]) => !key.includes(` ${kind} `)));
    return Object.fromEntries(mine.map(([key, who]) => [key.slice(0, -end.length), who]));
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
    const list = fc
        .tuple(fc.array(range, { minLength: 1, maxLength: 3 }), fc.nat(5))
        .map(([ranges, n]) => ({ ranges, sets: n === 0 ? [{ name: "s" }] : [], unknown: false }));
    const whole = fc.constant({ ranges: [wholeFamily(4), wholeFamily(6)], sets: [], unknown: false });
    const except = seldom(list);
    return fc
        .tuple(fc.oneof({ weight: 3, arbitrary: list }, whole), except)
        .map(([said, except]) => normalAddresses(said, except));
}

const anywhere = fc.constant<Addresses>({ kind: "anywhere" });

/** One in four; `fc.option` can't say less than half. */
const seldom = <T>(item: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: item });

/** What rules say besides. */
function options(action: Rule["action"], onlyTcp: boolean): fc.Arbitrary<Partial<Rule>> {
    return fc
        .record({
            interfaces: seldom(fc.subarray(["eth0", "wg*", "wg0"], { minLength: 1 })),
            states: seldom(fc.subarray([...ruleStates], { minLength: 1 })),
            flags: onlyTcp ? seldom(fc.subarray([...flagForms], { minLength: 1 })) : fc.constant(undefined),
            limit:
                action === "accept"
                    ? seldom(fc.constantFrom<Limit>({ rate: 1, per: "second", burst: 5, perSource: false }))
                    : fc.constant(undefined),
        })
        .map((said) => Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)));
}
const portList: fc.Arbitrary<PortList> = fc
    .array(fc.constantFrom(...PORTS), { minLength: 1, maxLength: 3 })
    .map((list) => normalPorts({ ranges: list.map((port) => ({ first: port, last: port })), unknown: false }));

function rule({ narrowing, saying = false }: World): fc.Arbitrary<Rule> {
    const withPorts = fc.record({
        matches: fc.subarray<ProtocolMatch>([{ protocol: "tcp" }, { protocol: "udp" }], { minLength: 1 }),
        ports: fc.option(portList, { nil: undefined, freq: 3 }),
        sourcePorts: narrowing ? seldom(portList) : fc.constant(undefined),
    });
    const portless = fc.record({
        matches: fc.constantFrom<ProtocolMatch[]>(
            [{ protocol: "any" }],
            [{ protocol: "icmp" }, { protocol: "icmpv6", types: ["echo-request"] }],
            [{ protocol: "icmp", types: ["echo-request", "echo-reply"] }],
            [{ protocol: "icmp", types: ["echo-request/1", "echo-reply"] }],
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
        .chain((drawn) =>
            (saying
                ? options(
                      drawn.action,
                      drawn.what.matches.every(({ protocol }) => protocol === "tcp"),
                  )
                : fc.constant({})
            ).map((said) => ({ ...drawn, said })),
        )
        .map(({ direction, action, priority, what, far, own, said }) => {
            const [from, to] = direction === "ingress" ? [far, own] : [own, far];
            return {
                ...said,
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

interface World {
    /** Some rules name the own end or source ports. */
    readonly narrowing: boolean;
    /** Some rules say interfaces, states, flags or limits. */
    readonly saying?: boolean;
}

/** Policies of the small world, in any order of rules. */
export function smallPolicy(world: World): fc.Arbitrary<Policy> {
    const action = fc.constantFrom("accept" as const, "drop" as const, "drop" as const);
    return fc
        .record({ rules: fc.array(rule(world), { maxLength: 7 }), ingress: action, egress: action })
        .map(({ rules, ingress, egress }) => ({
            rules: rules.map((rule, i): KeyedRule => ({ key: `web/r${i}`, rule })),
            sets: [SET],
            defaults: { ingress, egress },
        }));
}
