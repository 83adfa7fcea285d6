import type { Defaults } from "../../../core/model/policy";
import type { Ask } from "./packetWords";

/** Whatever a rule can be written for. */
export const TARGETS = [
    "nftables",
    "iptables",
    "netcup",
    "leaseweb security group",
    "leaseweb vps",
    "layerstack",
] as const;
export type Target = (typeof TARGETS)[number];

type Refused = Partial<Record<Target, readonly [key: string, field: string]>>;

/** One template, and what becomes of packets wherever it is applied. */
export interface DialectCase {
    readonly name: string;
    /** Canonical lines, in deciding order. */
    readonly rules: readonly string[];
    readonly defaults: Defaults;
    readonly sets?: Readonly<Record<string, readonly string[]>>;
    readonly packets: Partial<Record<Ask, "accept" | "drop">>;
    /** Where it can't be said: the rule and the field that are named. */
    readonly refused?: Refused;
}

const USUAL: Defaults = { ingress: "drop", egress: "accept" };
const CLOSED: Defaults = { ingress: "drop", egress: "drop" };
const OPEN: Defaults = { ingress: "accept", egress: "accept" };

const PANELS = TARGETS.slice(2);

/** The same on each of these targets. */
function on(targets: readonly Target[], key: string, field: string): Refused {
    return Object.fromEntries(targets.map((target) => [target, [key, field]]));
}

const LEASEWEB = ["leaseweb security group", "leaseweb vps"] as const;

/** S is the server, T an address that rules name, X a stranger. */
export const cases: readonly DialectCase[] = [
    {
        name: "one port to the world",
        rules: ["accept tcp from anywhere to port 22"],
        defaults: USUAL,
        packets: {
            "in tcp X > 22": "accept",
            "in6 tcp X > 22": "accept",
            "in tcp X > 23": "drop",
            "in udp X > 22": "drop",
            "out tcp > X:443": "accept",
            "out udp > X:53": "accept",
        },
    },
    {
        name: "one network alone, of both families",
        rules: ["accept tcp from 198.51.100.0/24, 2001:db8:77::/48 to port 443"],
        defaults: USUAL,
        packets: {
            "in tcp T > 443": "accept",
            "in6 tcp T > 443": "accept",
            "in tcp X > 443": "drop",
            "in6 tcp X > 443": "drop",
        },
    },
    {
        name: "ports one by one, ranges, and two protocols",
        rules: ["accept tcp + udp from anywhere to port 53, 80, 8000-8080"],
        defaults: USUAL,
        packets: {
            "in tcp X > 53": "accept",
            "in udp X > 53": "accept",
            "in tcp X > 8079": "accept",
            "in udp X > 8080": "accept",
            "in tcp X > 8081": "drop",
            "in udp X > 79": "drop",
        },
    },
    {
        name: "everybody but one network",
        rules: ["accept tcp from anywhere except 203.0.113.0/24, 2001:db8:bad::/48 to port 80"],
        defaults: USUAL,
        packets: {
            "in tcp T > 80": "accept",
            "in6 tcp T > 80": "accept",
            "in tcp X > 80": "drop",
            "in6 tcp X > 80": "drop",
        },
    },
    {
        name: "a drop before an accept",
        rules: ["drop any from 203.0.113.0/24, 2001:db8:bad::/48", "accept tcp from anywhere to port 80"],
        defaults: USUAL,
        packets: {
            "in tcp T > 80": "accept",
            "in6 tcp T > 80": "accept",
            "in tcp X > 80": "drop",
            "in6 tcp X > 80": "drop",
        },
    },
    {
        name: "an address set",
        rules: ["accept tcp from set office to port 22"],
        sets: { office: ["198.51.100.0/25", "192.0.2.0/31", "2001:db8:77::/64"] },
        defaults: USUAL,
        packets: {
            "in tcp T > 22": "accept",
            "in6 tcp T > 22": "accept",
            "in tcp 192.0.2.1 > 22": "accept",
            "in tcp 192.0.2.2 > 22": "drop",
            "in tcp X > 22": "drop",
        },
    },
    {
        name: "nothing at all comes in",
        rules: [],
        defaults: USUAL,
        packets: { "in tcp X > 22": "drop", "in6 udp X > 53": "drop", "out tcp > X:25": "accept" },
    },
    {
        name: "everything both ways",
        rules: [],
        defaults: OPEN,
        packets: { "in tcp X > 22": "accept", "in6 udp X > 53": "accept", "out tcp > X:25": "accept" },
    },
    {
        name: "what goes out is listed",
        rules: ["accept tcp from anywhere to port 22", "egress accept tcp + udp to anywhere port 53, 443"],
        defaults: CLOSED,
        packets: {
            "in tcp X > 22": "accept",
            "in tcp X > 443": "drop",
            "out tcp > X:443": "accept",
            "out udp > X:53": "accept",
            "out6 tcp > X:443": "accept",
            "out tcp > X:25": "drop",
        },
        refused: on(LEASEWEB, "default action", "egress"),
    },
    {
        name: "mail may not go out",
        rules: ["egress drop tcp to anywhere port 25"],
        defaults: OPEN,
        packets: {
            "out tcp > X:25": "drop",
            "out6 tcp > X:25": "drop",
            "out tcp > X:443": "accept",
            "in tcp X > 22": "accept",
        },
        refused: on(LEASEWEB, "web/r1", "direction"),
    },
    {
        name: "a reject",
        rules: ["reject tcp from anywhere to port 113 with tcp-reset", "accept tcp from anywhere to port 22"],
        defaults: USUAL,
        packets: { "in tcp X > 22": "accept", "in tcp X > 113": "drop" },
        refused: on(PANELS, "web/r1", "action"),
    },
    {
        name: "a rate limit",
        rules: ["accept tcp from anywhere to port 22 limit 3/minute"],
        defaults: USUAL,
        packets: { "in tcp X > 23": "drop" },
        refused: on(PANELS, "web/r1", "limit"),
    },
    {
        name: "an interface",
        rules: ["accept tcp from anywhere to port 22 in eth0"],
        defaults: USUAL,
        packets: { "in tcp X > 23": "drop" },
        refused: on(PANELS, "web/r1", "interface"),
    },
];
