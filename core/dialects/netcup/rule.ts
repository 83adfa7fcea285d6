/**
 * A rule of a firewall policy as netcup's API takes and stores it (schema `FirewallRule`). Absent, null and, of addresses, an
 * empty list all mean "any"; there is no word for any protocol, and ICMP has no types.
 */
export interface FirewallRule {
    readonly direction: "INGRESS" | "EGRESS";
    readonly protocol: "TCP" | "UDP" | "ICMP" | "ICMPv6";
    readonly action: "ACCEPT" | "DROP";
    /** At most 255 characters. */
    readonly description?: string | null | undefined;
    /** Addresses and networks, `192.0.2.1`, `2001:db8::/32`, each once. */
    readonly sources?: readonly string[] | null | undefined;
    /** One port or one range, `22`, `1000-11000`. */
    readonly sourcePorts?: string | null | undefined;
    readonly destinations?: readonly string[] | null | undefined;
    readonly destinationPorts?: string | null | undefined;
    /** Counted by the panel: how many of its 500 it takes. Not every answer says it. */
    readonly numberOfEffectiveRules?: number | undefined;
}

/** A policy as it is attached to an interface; its rules, and the policies of an interface of one kind, are asked in order. */
export interface AttachedPolicy {
    readonly name: string;
    /** One of netcup's own, copied for this server: its rules decide, but they leave the default of a direction as it is. */
    readonly copied: boolean;
    readonly rules: readonly FirewallRule[];
}

/** What the vendor leaves open, answered in one way or the other. What is sent has to mean the same in all of them. */
export interface PanelReading {
    /** Rules that only drop make drop the default of their direction, as rules that accept surely do. */
    readonly dropsFlip: boolean;
    /** Replies of TCP connections that clients opened leave without a rule, as those that the server opened surely come in. */
    readonly tracksIncoming: boolean;
    /** netcup's own policies are asked before those of the user, or behind them. */
    readonly copiedFirst: boolean;
}

const EITHER = [true, false] as const;

export const READINGS: readonly PanelReading[] = EITHER.flatMap((copiedFirst) =>
    EITHER.flatMap((dropsFlip) => EITHER.map((tracksIncoming) => ({ dropsFlip, tracksIncoming, copiedFirst }))),
);
