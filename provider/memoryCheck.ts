import type { Backend } from "../core/dialects/dialect";
import { partsByLength } from "../core/dialects/nftables/largeSets";
import { fail } from "../core/model/diagnostics";
import type { NamedSet, Policy } from "../core/model/policy";
import type { Probe } from "../targets/ssh";

/** Bytes for each entry at the most: nft lists 100,000 intervals with 135 MB, and the listing is kept while it is sent. */
const PER_ENTRY = 2000;
/**
 * Of those that stand by their lengths: nft lists a million of them with 437 MB, they take 91 MB of the kernel, for a moment twice,
 * and the rest is what sorts and hashes them and the text that is sent (docs/performance.md).
 */
const PER_NETWORK = 1000;
/** What any operation needs besides. */
const ANYWAY = 20_000_000;
const MB = 1_000_000;

/**
 * Refuses address sets that the host has no room for: out of memory, the kernel ends nft, or whatever it likes.
 *
 * @throws FirewallError VF198: nothing was changed
 */
export function checkMemory(
    host: string,
    { sets }: Policy,
    { memoryAvailable, filter: { backend } }: Pick<Probe, "memoryAvailable" | "filter">,
): void {
    if (memoryAvailable === undefined) return;
    const costs = sets.flatMap((set) => costsOf(set, backend));
    const entries = costs.reduce((sum, cost) => sum + cost.entries, 0);
    const needed = costs.reduce((sum, cost) => sum + cost.entries * cost.each, ANYWAY);
    if (entries < 10_000 || needed <= memoryAvailable) return;
    fail("VF198", {
        host,
        entries: entries.toLocaleString("en"),
        needed: Math.ceil(needed / MB),
        available: Math.floor(memoryAvailable / MB),
    });
}

interface Cost {
    readonly entries: number;
    readonly each: number;
}

function costsOf({ name, ranges }: NamedSet, backend: Backend): Cost[] {
    return ([4, 6] as const).map((family) => {
        const parts = backend === "nftables" ? partsByLength(name, family, ranges) : undefined;
        if (parts) return { entries: parts.reduce((sum, { prefixes }) => sum + prefixes.length, 0), each: PER_NETWORK };
        return { entries: ranges.filter((range) => range.family === family).length, each: PER_ENTRY };
    });
}
