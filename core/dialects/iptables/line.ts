import type { AddressRange } from "../../model/addresses";
import type { IcmpMessage } from "../../model/icmpTypes";
import type { PortRange } from "../../model/ports";
import type { RejectAnswer } from "../../model/rule";
import type { Rate } from "./rates";

/** One rule of iptables, as far as it is understood. */
export interface Line {
    /** Only where there is exactly one. */
    readonly comment?: string;
    /** Absent where some match is not understood. */
    readonly match?: Match;
    /** Absent where it only counts. */
    readonly target?: Target;
}

/** What is absent says nothing. */
export interface Match {
    /** A name, or a pattern: `wg*`. */
    readonly interface?: string;
    readonly source?: AddressMatch;
    readonly destination?: AddressMatch;
    readonly protocol?: number;
    readonly icmp?: IcmpMessage;
    /** In order, merged. */
    readonly sourcePorts?: readonly PortRange[];
    readonly destinationPorts?: readonly PortRange[];
    readonly flags?: { readonly mask: number; readonly value: number; readonly negated: boolean };
    /** In alphabetical order. */
    readonly states?: readonly string[];
    readonly hopLimit?: number;
    /** Of all rules that share the bucket. */
    readonly limit?: BucketLimit;
    /** Of this rule alone. */
    readonly ownLimit?: { readonly rate: Rate; readonly burst: number };
}

export interface AddressMatch {
    /** In order; several only of a set. */
    readonly ranges: readonly AddressRange[];
    readonly negated: boolean;
    /** The name of a set that holds them, as they say it: ipSetName. */
    readonly set?: string;
}

export interface BucketLimit {
    readonly rate: Rate;
    readonly burst: number;
    /** One for each source, of which so many bits count. */
    readonly sourceBits?: number;
    readonly name: string;
    /** After so many milliseconds a source is forgotten. */
    readonly expire: number;
}

export type Target =
    | { readonly kind: "accept" | "return" | "drop" }
    | { readonly kind: "reject"; readonly answer?: RejectAnswer }
    | { readonly kind: "log"; readonly prefix: string }
    | { readonly kind: "jump" | "goto"; readonly chain: string }
    /** A target of another kind, or one with options that are not understood. */
    | { readonly kind: "other"; readonly name: string };

/** Equal for lines that mean the same, whoever printed them and whatever their comment; undefined where they are not understood. */
export function meaningOf({ match, target }: Line): string | undefined {
    if (!match || !target || target.kind === "other") return undefined;
    const { source, destination, icmp, flags, limit, ownLimit } = match;
    return JSON.stringify([
        match.interface,
        source && addressWords(source),
        destination && addressWords(destination),
        match.protocol,
        icmp && [icmp.type, icmp.code],
        match.sourcePorts?.map(({ first, last }) => [first, last]),
        match.destinationPorts?.map(({ first, last }) => [first, last]),
        flags && [flags.mask, flags.value, flags.negated],
        match.states,
        match.hopLimit,
        limit && [rateWords(limit.rate), limit.burst, limit.sourceBits, limit.name, limit.expire],
        ownLimit && [rateWords(ownLimit.rate), ownLimit.burst],
        target.kind,
        target.kind === "reject" && target.answer,
        target.kind === "log" && target.prefix,
        (target.kind === "jump" || target.kind === "goto") && target.chain,
    ]);
}

/** Equal for the same addresses, said the same way. */
export function addressWords({ ranges, negated, set }: AddressMatch): string {
    const words = set ?? ranges.map(({ family, first, last }) => `${family} ${first}-${last}`).join();
    return `${negated ? "! " : ""}${words}`;
}

function rateWords({ count, seconds }: Rate): string {
    return `${count}/${seconds}`;
}

/** Targets after which a packet goes on with the next rule, as it was for all that is asked here. */
const GOES_ON: ReadonlySet<string> = new Set([
    ...["LOG", "NFLOG", "ULOG", "TRACE", "MARK", "CONNMARK", "SET", "CLASSIFY", "AUDIT", "CHECKSUM", "TCPMSS"],
    ...["TCPOPTSTRIP", "TOS", "DSCP", "TTL", "HL", "RATEEST", "LED", "TEE", "HMARK", "SECMARK", "CONNSECMARK"],
]);

/** Can it end the way of a packet through its chain? One that only counts or logs can't. */
export function decides({ target }: Line): boolean {
    if (!target || target.kind === "log") return false;
    // Without options a target looks like a jump.
    const name = target.kind === "other" ? target.name : target.kind === "jump" ? target.chain : "";
    return !GOES_ON.has(name);
}
