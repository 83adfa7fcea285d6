import type { AddressRange, Family } from "./addresses";
import type { PortRange } from "./ports";
import type { FlagForm } from "./tcpFlags";

/** Seen from the server: `ingress` packets arrive, `egress` packets leave. */
export type Direction = "ingress" | "egress";

export type Action = "accept" | "drop" | "reject";

/** A protocol by name, or by its number (IANA, 0 to 255) where it has no name here. `any` is every IP protocol. */
export type Protocol = "any" | "tcp" | "udp" | "icmp" | "icmpv6" | number;

/**
 * One protocol; for `icmp` and `icmpv6` the message types by name or number, a code behind a slash
 * (`destination-unreachable/4`). No `types`: all of them.
 */
export interface ProtocolMatch {
    readonly protocol: Protocol;
    readonly types?: readonly string[];
}

/** A named address set as a rule refers to it. Count and digest are of its entries, absent where a user wrote the name alone. */
export interface SetReference {
    readonly name: string;
    readonly count?: number;
    readonly digest?: string;
}

/** Literal ranges, sets, and `unknown` for a value that is not known yet. */
export interface AddressList {
    readonly ranges: readonly AddressRange[];
    readonly sets: readonly SetReference[];
    readonly unknown: boolean;
}

/** Every address (of one family, if named), or a list; `except`: none of these, whatever else is said. */
export type Addresses =
    | { readonly kind: "anywhere"; readonly family?: Family; readonly except?: AddressList }
    | ({ readonly kind: "list"; readonly except?: AddressList } & AddressList);

/** One end of a packet. `ports` absent: any port, and protocols without ports too. */
export interface Peer {
    readonly addresses: Addresses;
    readonly ports?: PortList;
}

export interface PortList {
    readonly ranges: readonly PortRange[];
    /** Some port of the list is not known yet. */
    readonly unknown: boolean;
}

/** A rule in normal form: everything said, lists sorted and merged. Two rules that print the same line are equal. */
export interface Rule {
    readonly direction: Direction;
    readonly action: Action;
    readonly matches: readonly ProtocolMatch[];
    readonly from: Peer;
    readonly to: Peer;
    /** Names of interfaces, or patterns (`wg*`): by which an ingress packet comes or an egress packet goes. Absent: any. */
    readonly interfaces?: readonly string[];
    /** What connection tracking says; absent: anything. The base of the dialect accepts replies before any rule is asked. */
    readonly states?: readonly RuleState[];
    /** Of TCP; absent: any. */
    readonly flags?: readonly FlagForm[];
    /** Only of an accept: packets beyond it are none of this rule's. */
    readonly limit?: Limit;
    /** Logs what matches, some a minute. */
    readonly log?: Log;
    /** What a reject answers; absent: port-unreachable. */
    readonly answer?: RejectAnswer;
    /** The last day on which the rule is wanted, `2027-01-31`. It only tells readers: the rule stays in force. */
    readonly expires?: string;
    /** Lower is decided first; 1000 where nothing is said. */
    readonly priority: number;
    readonly enabled: boolean;
}

export const ruleStates = ["new", "related", "invalid", "untracked"] as const;
export type RuleState = (typeof ruleStates)[number];

export const limitUnits = ["second", "minute", "hour", "day"] as const;

/** So many packets in a unit of time, and `burst` at once after a pause; for each source address (IPv6: each /64) or in all. */
export interface Limit {
    readonly rate: number;
    readonly per: (typeof limitUnits)[number];
    readonly burst: number;
    readonly perSource: boolean;
}

export interface Log {
    /** What the log line begins with; absent: the key of the rule. */
    readonly prefix?: string;
}

export const rejectAnswers = ["tcp-reset", "admin-prohibited", "host-unreachable", "no-route"] as const;
export type RejectAnswer = (typeof rejectAnswers)[number];

export const DEFAULT_PRIORITY = 1000;
