/** How long things take; all in milliseconds. Tests make them short. */
export interface PanelTiming {
    /** After this, a request that has no whole answer is given up. Default: 30 s. */
    readonly requestTimeout: number;
    /** Wait before the first repetition; each next one waits twice as long, up to `longestWait`. Default: 1 s. */
    readonly firstWait: number;
    /** Default: 30 s. */
    readonly longestWait: number;
    /** A panel that asks for a longer wait than this (Retry-After) is not waited for. Default: 2 min. */
    readonly longestRetryAfter: number;
    /** How long a change waits for others of the account to end. Default: 5 min, as long as updates were seen to take. */
    readonly busyTimeout: number;
    /** Between two looks at a task. Default: 2 s. */
    readonly pollInterval: number;
    /** How long a task may take. Default: 10 min. */
    readonly taskTimeout: number;
    /** An access token is renewed when less than this is left of it. Default: 30 s. */
    readonly renewBefore: number;
}

export interface PanelOptions {
    /** What `netcup login` prints: a secret. It is sent to the panel's login only. */
    readonly refreshToken: string;
    /** Default: `https://www.servercontrolpanel.de`. Plain http is refused but for the machine itself. */
    readonly url?: string | undefined;
    readonly timing?: Partial<PanelTiming> | undefined;
    /** How often a request that failed is repeated. Default: 4. */
    readonly repetitions?: number | undefined;
    /** How many requests run at once. Default: 4; the panel publishes no limit. */
    readonly requestsAtOnce?: number | undefined;
    /** Told when the panel hands out another refresh token, which is used from then on. */
    readonly onRefreshToken?: ((token: string) => void) | undefined;
    /** Told one line for each request that was answered: endpoint, status, request id. Never a token or a body. */
    readonly log?: ((line: string) => void) | undefined;
}

/** What one operation may be given. */
export interface CallOptions {
    /** Ends the waiting (VF280, VF286); what the panel began goes on there. */
    readonly signal?: AbortSignal | undefined;
}

export const defaultUrl = "https://www.servercontrolpanel.de";

export const defaultTiming: PanelTiming = {
    requestTimeout: 30_000,
    firstWait: 1_000,
    longestWait: 30_000,
    longestRetryAfter: 120_000,
    busyTimeout: 300_000,
    pollInterval: 2_000,
    taskTimeout: 600_000,
    renewBefore: 30_000,
};
