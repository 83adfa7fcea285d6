import { createHash } from "node:crypto";
import { dialects } from "../core/dialects/dialects";
import type { Policy } from "../core/model/policy";
import type { PlanDelta, Probe } from "../targets/ssh";
import { differenceOf } from "./readableListing";

/** The ruleset that a host has confirmed, and what it means. */
export interface FormerRuleset {
    readonly policy: Policy;
    readonly text: string;
}

/**
 * What differs between the ruleset that the host has confirmed and `text`, where it runs exactly that one, and no more than
 * elements of large sets differ. That the host's file is the text from which this was made, it looks up itself.
 */
export function planDelta(
    former: FormerRuleset,
    text: string,
    { filter, listing }: Pick<Probe, "filter" | "listing">,
): PlanDelta | undefined {
    const dialect = dialects[filter.backend];
    const delta = dialect.delta?.(former.text, text);
    if (!delta || differenceOf(dialect, listing, former.policy) !== undefined) return undefined;
    return { ...delta, from: createHash("sha256").update(former.text).digest("hex") };
}
