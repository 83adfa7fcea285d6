import type { Exposure } from "../analysis/exposure";
import type { Packet } from "../analysis/decide";
import type { Defaults, NamedSet, Policy } from "../model/policy";
import type { Direction, Rule } from "../model/rule";

/** Whose ruleset it is and which apply loaded it. It travels inside the ruleset. */
export interface Ownership {
    /** Organisation, project and stack, hashed: 16 hex digits. */
    readonly owner: string;
    /** The resource: a UUID made at its create. */
    readonly resource: string;
    /** The apply: 16 hex digits, random. */
    readonly applyId: string;
}

/** Ownership as the target holds it, with the digest of the policy that was rendered: 16 hex digits. */
export interface Mark extends Ownership {
    readonly digest: string;
}

/** Something inside our ruleset that we did not write. */
export interface UnmanagedItem {
    /** `(unmanaged) tcp 3306`: unique in its reading, the same for the same thing. */
    readonly key: string;
    /** What it says: a canonical line where it was read in full, else the target's own words. */
    readonly line: string;
    /** Where it was read in full and a packet can reach it. */
    readonly rule?: Rule;
    /** The target's name of the place, such as a chain, and the position there, from 0. */
    readonly place: string;
    readonly position: number;
    /** The target's own number for it, if it has one. */
    readonly handle?: number;
}

/** A rule in effect, ours or not, under its key. */
export interface EffectiveRule {
    readonly key: string;
    readonly rule: Rule;
}

/** What a target enforces, in the words of the model. */
export interface Reading {
    /** Absent: nobody marked it, or the mark was destroyed. */
    readonly mark?: Mark;
    /** Our rules as they now stand, by key, in deciding order: ingress, then egress. */
    readonly rules: ReadonlyMap<string, Rule>;
    readonly sets: readonly NamedSet[];
    readonly defaults: Defaults;
    /** As in a policy. */
    readonly forward?: "containers";
    /** The base line of the dialect, followed by what was changed by hand, if anything was. */
    readonly base: string;
    readonly baseIntact: boolean;
    readonly unmanaged: readonly UnmanagedItem[];
    /** Every rule that can decide a packet, ours or not, in deciding order. */
    readonly effective: readonly EffectiveRule[];
    /** False where something in effect could not be read in full: `effective` is then not the whole truth. */
    readonly understood: boolean;
    /** Of what is in effect, as bounds; only where it is not understood. */
    readonly exposure?: Exposure;
}

/** A rule says something that a dialect has no words for. */
export class CannotExpress extends Error {
    constructor(
        readonly key: string,
        readonly field: string,
        readonly problem: string,
    ) {
        super(`rule ${key}: ${problem}`);
        this.name = "CannotExpress";
    }
}

/** A ruleset as it is loaded, or as the target lists it. */
export type RulesetSource = { readonly text: string } | { readonly listing: string };

/** A packet with which a ruleset does not do what the policy says. */
export interface TranslationDifference {
    readonly direction: Direction;
    /** It is forwarded to a container, and its destination the one that it asked for. */
    readonly forwarded?: true;
    readonly packet: Packet;
    /** What must hold besides for the two to differ, such as `ip6 hoplimit 255`. */
    readonly conditions: readonly string[];
    /** Verdicts in words: what the policy says, and what the ruleset does. */
    readonly meant: string;
    readonly done: string;
}

/** The packet filter of a Linux host that holds our ruleset. */
export type Backend = "nftables" | "iptables";

/** What a host has beside its packet filter, by which a ruleset is written in another way that means the same. */
export interface Installed {
    /** The program that holds sets of addresses for iptables. */
    readonly ipset: boolean;
}

/** What changes only elements of large sets, as it is loaded. */
export interface RulesetDelta {
    /** Makes the later ruleset of the former in one transaction, the mark included. */
    readonly forward: string;
    /** The other way round. */
    readonly back: string;
    /** Makes the text of the later of that of the former: `d 7` takes line 7 away, `a 7 TEXT` puts one behind it. */
    readonly edits: string;
}

/** What one kind of target can express, how it is written and how it is read back. Pure. */
export interface Dialect {
    readonly name: Backend;
    /** What passes before any rule is asked, versioned. */
    readonly baseLine: string;
    /** The whole ruleset as text, ready to load. Throws CannotExpress. Default: everything is installed. */
    render(policy: Policy, ownership: Ownership, installed?: Installed): string;
    /**
     * Reads what the target lists. `expected` is what was last confirmed there, where it is known: it says what a listing may
     * not, such as the name of a set whose addresses stand in it one by one. Throws UnreadableListing.
     */
    read(listing: string, expected?: Policy): Reading;
    /** The first difference in words, or undefined if the listing is exactly this policy. */
    difference(listing: string, policy: Policy): string | undefined;
    /**
     * A packet for which the ruleset does not mean the policy (which is wholly known), or undefined: it means exactly that.
     * Read apart from `render` and `read`. Throws UnreadableRuleset and TooMuchWork.
     */
    prove(source: RulesetSource, policy: Policy): TranslationDifference | undefined;
    /**
     * A rendered ruleset with what others wrote into the live one, at its old places; undefined if they wrote nothing.
     * `listingText` is the target's own text of the same moment.
     */
    keepForeign(rendered: string, listing: string, listingText: string): string | undefined;
    /**
     * A listing that left out the elements of large sets, with those of the policy where the target says that it holds these;
     * undefined where it says that it does not.
     */
    complete?(listing: string, policy: Policy): string | undefined;
    /** What makes of one rendered ruleset another, where that is less than the whole; undefined where it is not. */
    delta?(before: string, after: string): RulesetDelta | undefined;
    /** 16 hex digits over the meaning of a policy, never over text. */
    digestOf(policy: Policy): string;
}
