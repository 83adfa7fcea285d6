import type { AddressRange, Family } from "./addresses";
import type { PortRange } from "./ports";

/** Seen from the server: `ingress` packets arrive, `egress` packets leave. */
export type Direction = "ingress" | "egress";

export type Action = "accept" | "drop" | "reject";

/** A protocol by name, or by its number (IANA, 0 to 255) where it has no name here. `any` is every IP protocol. */
export type Protocol = "any" | "tcp" | "udp" | "icmp" | "icmpv6" | number;

/** One protocol; for `icmp` and `icmpv6` the message types by name or number. No `types`: all of them. */
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

/** Every address (of one family, if named), or a list: literal ranges, sets, and `unknown` for a value that is not known yet. */
export type Addresses =
    | { readonly kind: "anywhere"; readonly family?: Family }
    | {
          readonly kind: "list";
          readonly ranges: readonly AddressRange[];
          readonly sets: readonly SetReference[];
          readonly unknown: boolean;
      };

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
    /** Lower is decided first; 1000 where nothing is said. */
    readonly priority: number;
    readonly enabled: boolean;
}

export const DEFAULT_PRIORITY = 1000;
