/**
 * What `nft -j list table` says, as plain data: nothing here knows how we write rules. What is not understood is kept as JSON.
 */
export interface Listing {
    /** Of nft, such as `1.0.6`. */
    readonly version?: string;
    /** Absent: the host has no table of ours. */
    readonly table?: NftTable;
}

export interface NftTable {
    readonly chains: readonly NftChain[];
    readonly sets: readonly NftSet[];
    readonly limits: readonly NftLimit[];
    /** Objects of other kinds, such as `map blocked` or `counter web`. */
    readonly others: readonly string[];
    /** Table flags such as `dormant`. */
    readonly flags: readonly string[];
}

export interface NftChain {
    readonly name: string;
    /** Absent: the chain sees packets only if another jumps to it. */
    readonly hook?: NftHook;
    readonly rules: readonly NftRule[];
}

export interface NftHook {
    readonly type: string;
    readonly hook: string;
    readonly priority: number;
    readonly policy: string;
}

export interface NftSet {
    readonly name: string;
    readonly type: string;
    readonly comment?: string;
    readonly flags: readonly string[];
    /** In seconds, after which an element is forgotten. */
    readonly timeout?: number;
    readonly elements: readonly Item[];
    /** Some element has a form that is not understood. */
    readonly strange: boolean;
}

/** So many packets in a unit of time, and so many at once. */
export interface NftRate {
    readonly rate: number;
    readonly per: string;
    readonly burst: number;
}

/** A limit that several rules share. */
export interface NftLimit extends NftRate {
    readonly name: string;
}

export interface NftRule {
    readonly handle: number;
    readonly comment?: string;
    readonly expressions: readonly Expression[];
}

export type Expression =
    | { readonly kind: "match"; readonly field: string; readonly op: string; readonly right: Operand }
    | { readonly kind: "counter" }
    | { readonly kind: "verdict"; readonly verdict: "accept" | "drop" | "return" }
    /** `code`: as listed, or undefined where nft says nothing, which is port-unreachable. */
    | { readonly kind: "reject"; readonly type?: string; readonly code?: Scalar }
    /** Flags of TCP: those in `mask` are (or, negated, are not) exactly `value`. */
    | { readonly kind: "flags"; readonly mask: number; readonly value: number; readonly negated: boolean }
    /** A limit of the table, by name. */
    | { readonly kind: "limit"; readonly name: string }
    /** Each source address (IPv6: each /64) has a limit of its own in a set; nft 0.9.8 does not list the rate. */
    | { readonly kind: "sources"; readonly family: 4 | 6; readonly set: string; readonly rate?: NftRate }
    | { readonly kind: "log"; readonly prefix: string }
    | { readonly kind: "unknown"; readonly json: unknown };

export type Scalar = string | number;

export type Operand =
    { readonly kind: "set"; readonly name: string } | { readonly kind: "items"; readonly items: readonly Item[] };

export type Item =
    | { readonly kind: "value"; readonly value: Scalar }
    | { readonly kind: "range"; readonly first: Scalar; readonly last: Scalar }
    | { readonly kind: "prefix"; readonly address: string; readonly length: number };
