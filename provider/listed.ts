import { printable } from "../core/model/diagnostics";

const MOST_LISTED = 20;

/** What a host says, in a message. */
export function listed(items: readonly string[]): string {
    const more = items.length > MOST_LISTED ? [`${items.length - MOST_LISTED} more`] : [];
    return [...items.slice(0, MOST_LISTED), ...more].map((item) => printable(item, 80)).join(", ");
}
