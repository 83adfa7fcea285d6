/** A rule as the restore programs take it; every one of ours has a comment. */
export function appended(chain: string, match: string, comment: string, target = ""): string {
    return [`-A ${chain}`, match, `-m comment --comment "${comment}"`, target].filter(Boolean).join(" ");
}
