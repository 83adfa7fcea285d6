import type { Packet } from "../../analysis/decide";

export type NoteKind =
    /** One rule of ours is several of netcup's. */
    | "several rules"
    /** Protocols that netcup has no word for fare otherwise than the policy says. */
    | "other protocols"
    /** More of ICMP is accepted than the rule says. */
    | "icmp types"
    /** Nothing is logged. */
    | "log"
    /** A rule of netcup's lets replies through, and more with them. */
    | "reply rule"
    /** Replies to what is accepted don't get through. */
    | "replies dropped"
    /** What a server commonly needs is dropped. */
    | "commonly needed"
    /** A rule needs none of netcup's. */
    | "nothing sent"
    /** The default of a direction is said by rules. */
    | "default";

/** What a reader should know of how a policy is said in netcup's words. */
export interface Note {
    readonly kind: NoteKind;
    readonly severity: "note" | "warning";
    /** The rule that it is about, if it is about one. */
    readonly key?: string;
    readonly text: string;
    /** A packet that shows it. */
    readonly packet?: Packet;
}
