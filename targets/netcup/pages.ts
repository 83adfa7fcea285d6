import { z } from "zod";
import { type Call, call } from "./call";
import type { Panel } from "./panel";

/** How many are asked for at once. */
const PAGE = 100;

/**
 * The whole of a list that comes in pages, each item once. The panel may make pages smaller than asked for, so only an
 * answer with nothing new is the end.
 */
export async function allPages<T extends { readonly id: number }>(
    panel: Panel,
    { answer, query, ...wanted }: Omit<Call<T>, "method">,
    signal: AbortSignal | undefined,
): Promise<readonly T[]> {
    const found = new Map<number, T>();
    for (let offset = 0; ;) {
        const asked = { ...query, limit: PAGE, offset };
        const page = await call(panel, { ...wanted, method: "GET", query: asked, answer: z.array(answer) }, signal);
        const before = found.size;
        page.forEach((item) => found.set(item.id, item));
        if (found.size === before) return [...found.values()];
        offset += page.length;
    }
}
