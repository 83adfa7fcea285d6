import { z } from "zod";
import * as http from "../http";
import { type Call, call } from "./call";
import type { Panel } from "./panel";

/** The whole of a list that comes in pages, each item once. */
export function allPages<T extends { readonly id: number }>(
    panel: Panel,
    { answer, query, ...wanted }: Omit<Call<T>, "method">,
    signal: AbortSignal | undefined,
): Promise<readonly T[]> {
    const list = z.array(answer);
    return http.allPages(
        (page) => call(panel, { ...wanted, method: "GET", query: { ...query, ...page }, answer: list }, signal),
        ({ id }) => id,
    );
}
