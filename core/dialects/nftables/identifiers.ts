import { createHash } from "node:crypto";
import type { Family } from "../../model/addresses";
import type { Direction } from "../../model/rule";

export const TABLE = "vps_firewall";
export const MARK_CHAIN = "vpsfw_mark";

/** The chains for what is forwarded to containers. */
export const FORWARD_CHAINS = { base: "forward", containers: "containers", rules: "published" } as const;

/** Sets without elements. What has to match nothing refers to one of them, so that it can still be read back. */
export const NO_ADDRESS = "vpsfw_no_address";
export const NO_PORT = "vpsfw_no_port";
export const NO_PACKET = "vpsfw_no_packet";

/** A user's word never becomes an identifier, so a set is called by a hash of its name and by its family. */
export function setIdentifier(name: string, family: Family): string {
    return `s${hashOf(name)}_${family}`;
}

/** A set of the networks of one length, of an address set that has many. */
export function partIdentifier(name: string, family: Family, length: number): string {
    return `${setIdentifier(name, family)}_${length}`;
}

/** host/large.sh knows them by this too. */
export function isPartIdentifier(name: string): boolean {
    return /^s[0-9a-f]{8}_[46]_\d{1,3}$/.test(name);
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

/** A set of elements that rules are laid out in, or a map of them, and the chains that it leads to. */
export function layoutIdentifier(direction: Direction, number: number): string {
    return `vpsfw_${direction === "ingress" ? "in" : "out"}_${number}`;
}

export function isLayoutIdentifier(name: string): boolean {
    return /^vpsfw_(in|out)_\d{1,6}(_\d{1,6})?$/.test(name);
}

function hashOf(name: string): string {
    return createHash("sha256").update(name).digest("hex").slice(0, 8);
}
