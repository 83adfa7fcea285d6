import type { Limit } from "../../model/rule";
import { secondsToRefill } from "../../model/ruleOptions";

/** How many lines a rule logs. A flood of packets must not fill the host's disk. */
export const LOG_LIMIT = { rate: 10, per: "minute", burst: 10 } as const;

/** What a line in the log begins with where the rule says nothing. */
export function defaultPrefix(key: string): string {
    return `${key}: `;
}

/** How long the set remembers a source: until it may send a whole burst again, as one that was never seen. */
export function timeoutOf(limit: Pick<Limit, "rate" | "per" | "burst">): number {
    return secondsToRefill(limit) + 1;
}
