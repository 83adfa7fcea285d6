import { baseLine } from "./baseLine";
import type { EffectiveRule, Reading } from "./dialect";
import { type Foreign, withKeys } from "./foreign";

/** A target on which nothing of ours is loaded. */
export const NOTHING_OF_OURS: Reading = {
    rules: new Map(),
    sets: [],
    defaults: { ingress: "accept", egress: "accept" },
    base: "nothing of ours",
    baseIntact: false,
    unmanaged: [],
    effective: [],
    understood: true,
};

type Base = Pick<Reading, "base" | "baseIntact">;

const INTACT: Base = { base: baseLine, baseIntact: true };

/** The base with what was changed by hand, in words. */
export function changedBase(changes: readonly string[], { base, baseIntact }: Base = INTACT): Base {
    if (changes.length === 0) return { base, baseIntact };
    return { base: `${base}${baseIntact ? "; changed by hand: " : ", "}${changes.join(", ")}`, baseIntact: false };
}

/** A rule that can decide a packet, ours or not yet keyed. */
export type Entry = EffectiveRule | { readonly foreign: Foreign };

/** What is not ours by its keys, also among what is in effect. */
export function keyedForeign(
    foreign: readonly Foreign[],
    entries: readonly Entry[],
): Pick<Reading, "unmanaged" | "effective"> {
    const unmanaged = withKeys(foreign);
    const keyOf = new Map(foreign.map((item, index) => [item, unmanaged[index]!.key]));
    const effective = entries.map((entry): EffectiveRule =>
        "key" in entry ? entry : { key: keyOf.get(entry.foreign)!, rule: entry.foreign.rule! },
    );
    return { unmanaged, effective };
}
