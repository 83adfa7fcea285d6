/** Whether OpenSSH's `*` (any text) and `?` (one character) in `pattern` match the whole of `text`. */
export function matchesPattern(pattern: string, text: string): boolean {
    // Two indices and one way back: linear in practice, where a regular expression made from user text may not be.
    let p = 0;
    let t = 0;
    let star = -1;
    let resume = 0;
    while (t < text.length) {
        if (pattern[p] === "*") {
            star = p++;
            resume = t;
        } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
            p++;
            t++;
        } else if (star >= 0) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (pattern[p] === "*") p++;
    return p === pattern.length;
}

/** Whether a list of patterns matches: one of them does, and none of those that begin with `!`. */
export function matchesPatterns(patterns: readonly string[], text: string): boolean {
    const denied = patterns.some((pattern) => pattern.startsWith("!") && matchesPattern(pattern.slice(1), text));
    return !denied && patterns.some((pattern) => !pattern.startsWith("!") && matchesPattern(pattern, text));
}
