import type { AddressRange, Family } from "../../model/addresses";

/** What the save programs say of the tables that we may be in, for each family: plain data, nothing read into it. */
export type Listing = Readonly<Record<Family, ListedTables>>;

export interface ListedTables {
    readonly filter: ListedTable;
    /** Only for what is forwarded to containers. */
    readonly mangle: ListedTable;
    readonly sets: ListedSets;
}

/** Sets of ours by the names that the host has for them. */
export type ListedSets = ReadonlyMap<string, ListedSet>;

export interface ListedSet {
    /** The name that a set has which holds just that; the host's own, unless somebody changed it by hand. */
    readonly set: string;
    readonly ranges: readonly AddressRange[];
}

export const NO_SETS: ListedSets = new Map();

/** The chains by their names; none where the host has no such table. */
export type ListedTable = ReadonlyMap<string, ListedChain>;

export interface ListedChain {
    /** `ACCEPT` or `DROP` of a chain that is built in; `-` of any other. */
    readonly policy: string;
    /** What stands behind `-A` and the name of the chain, in the program's own words. */
    readonly rules: readonly string[];
}
