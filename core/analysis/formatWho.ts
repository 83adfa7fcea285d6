import { createHash } from "node:crypto";
import { countPrefixes, type Family, formatPrefix, toPrefixes } from "../model/addresses";
import { type AddressSpace, difference, everybody } from "./addressAlgebra";

const MOST_LISTED = 8;

/**
 * A set of addresses in words; the same set always gives the same words.
 * `families` are those that can occur at all: all of them is `anywhere`.
 *
 * @example `anywhere`, `anywhere IPv4`, `anywhere except 203.0.113.0/24`, `10.0.0.0/8, 2001:db8::/32`, `100,000 addresses (1a2b3c4d)`
 */
export function formatWho(space: AddressSpace, families: readonly Family[] = [4, 6]): string {
    if (space.length === 0) return "nobody";
    const parts = families.map((family) => describe(family, space));
    if (parts.every(({ inverted }) => inverted))
        return formatAnywhere(
            "anywhere",
            parts.flatMap(({ items }) => items),
        );
    if (parts.every(({ inverted }) => !inverted)) return formatItems(parts.flatMap(({ items }) => items));
    return parts
        .filter(({ inverted, items }) => inverted || items.length > 0)
        .map(({ family, inverted, items }) =>
            inverted ? formatAnywhere(`anywhere IPv${family}`, items) : formatItems(items),
        )
        .join("; ");
}

/** A family as its prefixes, or (`inverted`) as all but these prefixes, whichever are fewer. */
function describe(family: Family, space: AddressSpace): { family: Family; inverted: boolean; items: string[] } {
    const inside = space.filter((range) => range.family === family);
    if (inside.length === 0) return { family, inverted: false, items: [] };
    const outside = difference(everybody([family]), space);
    const [fewer, more] = outside.length <= inside.length ? [outside, inside] : [inside, outside];
    // Counted no further than it takes to know: the rest of a few addresses is cut into very many.
    const prefixes = toPrefixes(fewer);
    const count = countPrefixes(more, prefixes.length);
    const isFewer = count > prefixes.length || (count === prefixes.length && fewer === inside);
    const inverted = isFewer === (fewer === outside);
    return { family, inverted, items: (isFewer ? prefixes : toPrefixes(more)).map(formatPrefix) };
}

function formatAnywhere(anywhere: string, except: readonly string[]): string {
    return except.length ? `${anywhere} except ${formatItems(except)}` : anywhere;
}

function formatItems(items: readonly string[]): string {
    if (items.length <= MOST_LISTED) return items.join(", ");
    const digest = createHash("sha256").update(items.join("\n")).digest("hex").slice(0, 8);
    return `${withThousands(items.length)} addresses (${digest})`;
}

/** `toLocaleString` takes longer the first time than all else here. */
export function withThousands(count: number): string {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
