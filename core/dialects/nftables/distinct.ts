/** Plain data compared by what it holds. */
export function distinct<T>(values: readonly T[]): T[] {
    return [...new Map(values.map((value) => [identity(value), value])).values()];
}

export function identity(value: unknown): string {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
}
