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
    return `s${hashOf(name)}_${family}`;
}

/** The limit that all nft rules of one rule share. */
export function limitIdentifier(key: string): string {
    return `l${hashOf(key)}`;
}

/** The sources, each with its own limit, of one rule. */
export function sourcesIdentifier(key: string, family: Family): string {
    return `r${hashOf(key)}_${family}`;
}

/** The limit of what one rule logs. */
export function logLimitIdentifier(key: string): string {
    return `g${hashOf(key)}`;
}

function hashOf(name: string): string {
    return createHash("sha256").update(name).digest("hex").slice(0, 8);
}
