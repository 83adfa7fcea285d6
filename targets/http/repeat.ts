import { setTimeout as sleep } from "node:timers/promises";
import { ConstantBackoff, handleWhenResult, retry } from "cockatiel";
import type { RetryTiming } from "./timing";

/** What came of one try: a result, or why it should be made again. */
export type Try<T> =
    | { readonly again: false; readonly result: T }
    | {
          /** `busy`: another change runs there. `trouble`: anything else that passes. */
          readonly again: "busy" | "trouble";
          /** Value of a header Retry-After. */
          readonly retryAfter?: string | undefined;
          /** What to throw if it is not made again. */
          readonly error: Error;
      };

/** How often and how long to go on. */
export interface Patience {
    readonly timing: RetryTiming;
    readonly repetitions: number;
}

/**
 * Makes tries until one has a result: `trouble` is repeated a number of times, `busy` for a length of time. The wait
 * doubles each time, and is at least what the server asks for. Throws the error of the last try; a cancelled wait
 * throws what `signal` was aborted with.
 */
export async function repeat<T>(
    { timing, repetitions }: Patience,
    signal: AbortSignal | undefined,
    once: () => Promise<Try<T>>,
): Promise<T> {
    const began = Date.now();
    let troubles = 0;
    let tries = 0;
    let wait = 0;
    const again = handleWhenResult((result) => {
        const made = result as Try<T>;
        if (made.again === false) return false;
        const asked = retryAfterMs(made.retryAfter);
        wait = Math.max(asked, Math.min(timing.firstWait * 2 ** tries++, timing.longestWait));
        if (asked > timing.longestRetryAfter) return false;
        if (made.again === "busy") return Date.now() + wait - began <= timing.busyTimeout;
        return ++troubles <= repetitions;
    });
    // The wait is ours, since that of the library can't be cancelled.
    const policy = retry(again, { maxAttempts: Infinity, backoff: new ConstantBackoff(0) });
    const last = await policy.execute(async () => {
        await pause(wait, signal);
        return once();
    });
    if (last.again === false) return last.result;
    throw last.error;
}

/** Waits `ms` milliseconds, or throws as soon as `signal` is aborted. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, signal ? { signal } : {});
}

/** Seconds or a date, as RFC 9110 has it; what is neither is no wish at all. */
export function retryAfterMs(value: string | undefined, now = Date.now()): number {
    if (value === undefined) return 0;
    if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
