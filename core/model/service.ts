import type { Protocol } from "./rule";

/** A named protocol and port set. Ports are those of the server: the destination of its clients. */
export interface Service {
    readonly name: string;
    /** Other names for the same. */
    readonly aliases: readonly string[];
    readonly protocol: readonly Exclude<Protocol, "any">[];
    /** Ports and ranges, as text; none where the protocols have no ports. */
    readonly ports: readonly string[];
    /** Message types of ICMP; absent: all of them. */
    readonly icmpTypes?: readonly string[];
    readonly description: string;
}
