/**
 * What makes one text of another where lines go and come but none moves, as a host carries it out (`edited` in
 * `targets/ssh/host/delta.sh`): `d <number>` for a line of `old` that goes, `a <number> <line>` for one that comes behind it.
 * Undefined where lines that both have stand in another order.
 *
 * @param above How many lines of the whole text stand before `old`.
 * @example lineEdits(["a", "b"], ["a", "c"]) // ["d 2", "a 2 c"]
 */
export function lineEdits(old: readonly string[], next: readonly string[], above = 0): string[] | undefined {
    const [inOld, inNext] = [new Set(old), new Set(next)];
    const edits: string[] = [];
    for (let i = 0, j = 0; i < old.length || j < next.length;) {
        const [a, b] = [old[i], next[j]];
        if (a === b) {
            i++;
            j++;
        } else if (a !== undefined && !inNext.has(a)) {
            edits.push(`d ${above + ++i}`);
        } else if (b !== undefined && !inOld.has(b)) {
            edits.push(`a ${above + i} ${b}`);
            j++;
        } else return undefined;
    }
    return edits;
}
