import { rowChanges, type RowChanges } from "../allowLists/rowChanges";

/**
 * A rule of a Public Cloud security group as the API takes it (`authorizeFirewallRules`) and gives it back: inbound, and allowed.
 * What a protocol has no use for is absent or null.
 */
export interface SecurityGroupRule {
    readonly protocol: "TCP" | "UDP" | "ICMP";
    /** Of TCP and UDP, both of them. */
    readonly startPort?: number | null;
    readonly endPort?: number | null;
    /** Of ICMP, both of them; -1 is any. */
    readonly icmpType?: number | null;
    readonly icmpCode?: number | null;
    /** With its length; the API may give back an address without it. */
    readonly source: string;
}

/** Absent and null are the same, and so are an address and its prefix. */
export function securityGroupContent(rule: SecurityGroupRule): string {
    const { protocol, startPort, endPort, icmpType, icmpCode, source } = rule;
    const prefix = source.includes("/") ? source : `${source}/${source.includes(":") ? 128 : 32}`;
    return [protocol, prefix, startPort, endPort, icmpType, icmpCode].join(" ");
}

/** What is to be authorised, and then what is to be revoked; rules of a group have no names. */
export function securityGroupChanges<Rule extends SecurityGroupRule>(
    before: readonly Rule[],
    after: readonly SecurityGroupRule[],
): Pick<RowChanges<SecurityGroupRule>, "add"> & Pick<RowChanges<Rule>, "remove"> {
    const { add, remove } = rowChanges<SecurityGroupRule>(before, after, {
        contentOf: securityGroupContent,
        nameOf: () => "",
    });
    return { add, remove: remove as readonly Rule[] };
}
