/**
 * What makes one list of rows of another. In this order: all that is to be added first, so that at no moment less is allowed
 * than before and after both allow; only then what is to be removed. Never is more allowed than before and after together.
 */
export interface RowChanges<Row> {
    readonly add: readonly Row[];
    /** Only the name of the row changes, and with it no traffic. */
    readonly rename: readonly { readonly from: Row; readonly to: Row }[];
    readonly remove: readonly Row[];
}

/** How rows are told apart. */
export interface RowIdentity<Row> {
    /** Equal for rows that allow the same by the same words. */
    readonly contentOf: (row: Row) => string;
    /** Equal for all rows where the panel shows no names. */
    readonly nameOf: (row: Row) => string;
}

/** Rows that stay as they are are in none of the lists; the order of rows says nothing. */
export function rowChanges<Row>(
    before: readonly Row[],
    after: readonly Row[],
    { contentOf, nameOf }: RowIdentity<Row>,
): RowChanges<Row> {
    const exactly = pairs(before, after, (row) => JSON.stringify([contentOf(row), nameOf(row)]));
    const renamed = pairs(exactly.onlyBefore, exactly.onlyAfter, contentOf);
    return { add: renamed.onlyAfter, rename: renamed.both, remove: renamed.onlyBefore };
}

/** Each row is taken once. */
function pairs<Row>(before: readonly Row[], after: readonly Row[], keyOf: (row: Row) => string) {
    const waiting = new Map<string, Row[]>();
    for (const row of before) waiting.set(keyOf(row), [...(waiting.get(keyOf(row)) ?? []), row]);
    const both: { from: Row; to: Row }[] = [];
    const onlyAfter: Row[] = [];
    for (const to of after) {
        const from = waiting.get(keyOf(to))?.shift();
        if (from === undefined) onlyAfter.push(to);
        else both.push({ from, to });
    }
    return { both, onlyBefore: [...waiting.values()].flat(), onlyAfter };
}
