import * as pulumi from "@pulumi/pulumi";

/** What rules can name in place of its addresses: a `HostFirewall`. */
export interface Server {
    /** All of its addresses. They come from what it was made with, so that two servers can name each other. */
    readonly addresses: pulumi.Output<string[]>;
    /** @internal The same, each a value of its own. */
    ownAddresses(): pulumi.Input<string>[];
}

export function isServer(value: unknown): value is Server {
    return value instanceof pulumi.ComponentResource && "ownAddresses" in value;
}
