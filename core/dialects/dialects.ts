import type { Backend, Dialect } from "./dialect";
import { iptables } from "./iptables";
import { nftables } from "./nftables";

/** The packet filters of Linux hosts. */
export const dialects: Readonly<Record<Backend, Dialect>> = { nftables, iptables };
