/** `Did you mean "https"?` for the candidate with the fewest edits, if it is near; else the candidates or where they are listed. */
export function propose(word: string, candidates: readonly string[], otherwise: string): string {
    const best = nearest(word, candidates);
    return best === undefined ? otherwise : `Did you mean "${best}"?`;
}

/** The candidate nearest to `word` by edits, within a third of its length (at least one). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
    const limit = Math.max(1, Math.floor(word.length / 3));
    let best: { candidate: string; distance: number; alike: number } | undefined;
    if (word.length > 64) return undefined;
    for (const candidate of candidates) {
        // No way to be near, and most of a long list is gone without counting.
        if (Math.abs(candidate.length - word.length) > limit) continue;
        const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
        if (distance > limit || distance >= candidate.length) continue;
        const alike = likeness(word.toLowerCase(), candidate.toLowerCase());
        if (!best || distance < best.distance || (distance === best.distance && alike > best.alike))
            best = { candidate, distance, alike };
    }
    return best?.candidate;
}

/** Of two that are equally near, the one with the same letters wins, then the one that begins alike: few slip there. */
function likeness(a: string, b: string): number {
    const letters = (text: string) => [...text].sort().join("");
    if (letters(a) === letters(b)) return a.length;
    let common = 0;
    while (common < a.length && a[common] === b[common]) common++;
    return common;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
    const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
    const at = (i: number, j: number) => rows[i]![j]!;
    for (let i = 1; i <= a.length; i++) {
        rows.push([i]);
        for (let j = 1; j <= b.length; j++) {
            const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
            let distance = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, replaced);
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
                distance = Math.min(distance, at(i - 2, j - 2) + 1);
            rows[i]!.push(distance);
        }
    }
    return at(a.length, b.length);
}
