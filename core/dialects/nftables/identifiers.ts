import { createHash } from "node:crypto";
import type { Family } from "../../model/addresses";

export const TABLE = "vps_firewall";
export const MARK_CHAIN = "vpsfw_mark";

/** Sets without elements. What has to match nothing refers to one of them, so that it can still be read back. */
export const NO_ADDRESS = "vpsfw_no_address";
export const NO_PORT = "vpsfw_no_port";
export const NO_PACKET = "vpsfw_no_packet";

/** A user's word never becomes an identifier, so a set is called by a hash of its name and by its family. */
export function setIdentifier(name: string, family: Family): string {
    return `s${createHash("sha256").update(name).digest("hex").slice(0, 8)}_${family}`;
}
