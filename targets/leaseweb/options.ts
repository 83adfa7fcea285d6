import { defaultHttpTiming, type HttpTiming } from "../http";

/** How long things take; all in milliseconds. Tests make them short. */
export interface LeasewebTiming extends HttpTiming {
    /** Between two looks at a state. Default: 2 s. */
    readonly pollInterval: number;
    /** How long Leaseweb may take to carry out a change. Default: 5 min. */
    readonly stateTimeout: number;
}

export interface LeasewebOptions {
    /** Made in the portal, under API: a secret. */
    readonly apiKey: string;
    /** Default: `https://api.leaseweb.com`. Plain http is refused but for the machine itself. */
    readonly url?: string | undefined;
    readonly timing?: Partial<LeasewebTiming> | undefined;
    /** How often a request that failed is repeated. Default: 4. */
    readonly repetitions?: number | undefined;
    /** How many requests run at once. Default: 4; Leaseweb publishes no limit. */
    readonly requestsAtOnce?: number | undefined;
    /** Told one line for each request that was answered: endpoint, status, id. Never a key or a body. */
    readonly log?: ((line: string) => void) | undefined;
}

/** What one operation may be given. */
export interface CallOptions {
    /** Ends the waiting (VF320, VF325); what Leaseweb began goes on there. */
    readonly signal?: AbortSignal | undefined;
}

export const defaultUrl = "https://api.leaseweb.com";

export const defaultTiming: LeasewebTiming = { ...defaultHttpTiming, pollInterval: 2_000, stateTimeout: 300_000 };
