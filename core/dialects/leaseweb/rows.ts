import { rowChanges, type RowChanges } from "../allowLists/rowChanges";

/** A row as it is entered in the portal, tab Firewall of a VPS. ICMP has no ports. */
export interface VpsRow {
    /** The key of its rule, to find it again. The portal's rows need none. */
    readonly name?: string;
    readonly protocol: "TCP" | "UDP" | "ICMP";
    /** Always with its length: `198.51.100.10/32`, `0.0.0.0/0`. */
    readonly source: string;
    readonly startPort?: number;
    /** Absent: the start port alone. */
    readonly endPort?: number;
}

/** The firewall of a VPS: off, nothing is filtered, and the rows wait. */
export interface VpsFirewall {
    readonly enabled: boolean;
    readonly rows: readonly VpsRow[];
}

/** A row by the names of the portal's fields. An empty text: nothing is entered there. */
export function portalFields({ name, protocol, source, startPort, endPort }: VpsRow): Record<PortalField, string> {
    return {
        Protocol: protocol,
        "Source IP Address": source,
        Startport: startPort?.toString() ?? "",
        Endport: endPort?.toString() ?? "",
        Name: name ?? "",
    };
}

export type PortalField = "Protocol" | "Source IP Address" | "Startport" | "Endport" | "Name";

/** `80` and `80-80` are the same. */
export function vpsContent({ protocol, source, startPort, endPort = startPort }: VpsRow): string {
    return [protocol, source, startPort, endPort].join(" ");
}

/** What is to be done in the portal, in a safe order; nothing where both lists allow the same by the same rows. */
export function vpsRowChanges(before: readonly VpsRow[], after: readonly VpsRow[]): RowChanges<VpsRow> {
    return rowChanges(before, after, { contentOf: vpsContent, nameOf: ({ name = "" }) => name });
}
