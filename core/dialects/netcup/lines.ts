import type { Direction } from "../../model/rule";
import type { Reply } from "./replies";
import type { FirewallRule } from "./rule";

/** One of netcup's rules, and where it comes from. */
export interface Line {
    readonly rule: FirewallRule;
    /** It says a rule of the policy, lets replies to one through, or says a default that has to be said. */
    readonly why: "rule" | "reply" | "default";
    /** The rule of the policy, unless it says a default. */
    readonly key?: string;
}

/** What one direction sends. */
export interface RenderedSide {
    readonly direction: Direction;
    readonly lines: readonly Line[];
    /** The rules that let replies through. */
    readonly replies: readonly Reply[];
}
