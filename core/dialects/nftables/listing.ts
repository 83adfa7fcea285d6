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
    readonly elements: readonly Item[];
    /** Some element has a form that is not understood. */
    readonly strange: boolean;
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
    | { readonly kind: "unknown"; readonly json: unknown };

export type Scalar = string | number;

export type Operand =
    { readonly kind: "set"; readonly name: string } | { readonly kind: "items"; readonly items: readonly Item[] };

export type Item =
    | { readonly kind: "value"; readonly value: Scalar }
    | { readonly kind: "range"; readonly first: Scalar; readonly last: Scalar }
    | { readonly kind: "prefix"; readonly address: string; readonly length: number };
