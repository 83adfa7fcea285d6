import { defaultHttpTiming, type HttpTiming } from "../http";

/** How long things take; all in milliseconds. Tests make them short. */
export interface PanelTiming extends HttpTiming {
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
    ...defaultHttpTiming,
    pollInterval: 2_000,
    taskTimeout: 600_000,
    renewBefore: 30_000,
};
