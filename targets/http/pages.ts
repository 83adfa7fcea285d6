/** How many are asked for at once. */
export const PAGE = 100;

/**
 * The whole of a list that comes in pages, each item once. A server may make pages smaller than asked for, so only an answer
 * with nothing new is the end.
 */
export async function allPages<T>(
    page: (asked: { readonly limit: number; readonly offset: number }) => Promise<readonly T[]>,
    keyOf: (item: T) => string | number,
): Promise<readonly T[]> {
    const found = new Map<string | number, T>();
    for (let offset = 0; ;) {
        const items = await page({ limit: PAGE, offset });
        const before = found.size;
        items.forEach((item) => found.set(keyOf(item), item));
        if (found.size === before) return [...found.values()];
        offset += items.length;
    }
}
