/** How long repetitions wait; all in milliseconds. */
export interface RetryTiming {
    /** Wait before the first repetition; each next one waits twice as long, up to `longestWait`. */
    readonly firstWait: number;
    readonly longestWait: number;
    /** A server that asks for a longer wait than this (Retry-After) is not waited for. */
    readonly longestRetryAfter: number;
    /** How long a change waits for others to end. */
    readonly busyTimeout: number;
}

export interface HttpTiming extends RetryTiming {
    /** After this, a request that has no whole answer is given up. */
    readonly requestTimeout: number;
}

export const defaultHttpTiming: HttpTiming = {
    requestTimeout: 30_000,
    firstWait: 1_000,
    longestWait: 30_000,
    longestRetryAfter: 120_000,
    busyTimeout: 300_000,
};
