import type { AddressRange, Family } from "../../model/addresses";

/** What rows of a panel can say whose lists only allow: protocol, far address and destination ports, and never more than this. */
export interface AllowListForm {
    /** As messages call it: `the firewall of a Leaseweb VPS`. */
    readonly panel: string;
    /** The families that rows can name. */
    readonly families: readonly Family[];
    /** Rows can name types and codes of ICMP. */
    readonly icmpTypes: boolean;
    /** Packets have these addresses at the server's end, so that a rule for all of them says nothing more. Absent: not known. */
    readonly own?: readonly AddressRange[];
}
