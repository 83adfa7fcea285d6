import type { PortRange } from "./ports";

/** What a provider blocks in its whole network, in and out, whatever a server's own firewall says. */
export interface UpstreamBlock {
    readonly provider: string;
    /** When the list was copied from the page of the provider. */
    readonly date: string;
    readonly blocked: readonly { readonly protocol: "tcp" | "udp"; readonly ports: PortRange }[];
}

export const upstreamBlocks = {
    /** The page of the VPS firewall; UDP 139 and not 138, as it says there. */
    leaseweb: {
        provider: "Leaseweb",
        date: "2026-11",
        blocked: [
            { protocol: "udp", ports: { first: 137, last: 137 } },
            { protocol: "udp", ports: { first: 139, last: 139 } },
            { protocol: "tcp", ports: { first: 135, last: 139 } },
            { protocol: "tcp", ports: { first: 445, last: 445 } },
        ],
    },
} as const satisfies Record<string, UpstreamBlock>;
