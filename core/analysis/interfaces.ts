import type { Policy } from "../model/policy";
import { TooMuchWork } from "./diagram";

/**
 * The interfaces that rules name, as values of a packet's field: every name and every pattern (`wg*`) has one, and so
 * have all others together. Packets of two rulesets can be compared where both use the same table.
 */
export interface Interfaces {
    /** What each value stands for: 0 any interface that is not named, 1 `lo`; a pattern: those it covers and no other names. */
    readonly names: readonly string[];
    /** The values that a name or pattern covers, in order. */
    valuesOf(pattern: string): readonly number[];
}

const MOST = 256;

/** The table for all interfaces that rules of these policies name. */
export function interfacesOf(...policies: readonly Policy[]): Interfaces {
    const named = new Set<string>();
    for (const { rules } of policies) for (const { rule } of rules) rule.interfaces?.forEach((name) => named.add(name));
    return openInterfaces(named);
}

/**
 * @param patterns every name and pattern that will be asked for.
 * @throws TooMuchWork for more than 254 different ones.
 */
export function openInterfaces(patterns: Iterable<string> = []): Interfaces {
    const names = ["", "lo", ...new Set([...patterns].filter((name) => name !== "lo").sort())];
    if (names.length > MOST) throw new TooMuchWork(`more than ${MOST - 2} different interfaces`);
    return {
        names,
        valuesOf(pattern) {
            if (pattern === "*") return names.map((_, value) => value);
            if (!names.includes(pattern)) throw new Error(`interface ${pattern} is not in the table`);
            if (!pattern.endsWith("*")) return [names.indexOf(pattern)];
            return names.flatMap((name, value) => (value > 0 && covers(pattern, name) ? [value] : []));
        },
    };
}

/** Does a pattern (`wg*`) cover a name or a narrower pattern? */
export function covers(pattern: string, name: string): boolean {
    return pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1));
}
