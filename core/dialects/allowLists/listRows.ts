import type { Allowed, AllowedTraffic } from "./allowed";
import { notesOf, type PanelNote, type RowCount } from "./notes";

/** The rows of one list, and what they don't say themselves. */
export interface ListedRows<Row> {
    readonly rows: readonly Row[];
    readonly notes: readonly PanelNote[];
}

/**
 * The rows of each accept, in the order of the rules. Of rows that say the same the first one stays: another would allow
 * nothing more, and a panel may refuse it.
 */
export function listRows<Row>(
    traffic: AllowedTraffic,
    rowsOf: (allowed: Allowed) => readonly Row[],
    contentOf: (row: Row) => string,
): ListedRows<Row> {
    const listed = new Map<string, Row>();
    const counts = new Map<string, RowCount>();
    for (const allowed of traffic.allowed) {
        const own = new Map(rowsOf(allowed).map((row) => [contentOf(row), row]));
        const fresh = [...own].filter(([content]) => !listed.has(content));
        for (const [content, row] of fresh) listed.set(content, row);
        counts.set(allowed.key, { made: own.size, shared: own.size - fresh.length });
    }
    return { rows: [...listed.values()], notes: notesOf(traffic, counts) };
}
