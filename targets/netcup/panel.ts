import { atMost, inTurn, type Patience } from "../http";
import { createLogin, type Login, panelUrl } from "./login";
import { defaultTiming, defaultUrl, type PanelOptions, type PanelTiming } from "./options";

/** One account at the panel: what all its operations share. */
export interface Panel {
    readonly url: URL;
    readonly login: Login;
    readonly patience: Patience & { readonly timing: PanelTiming };
    readonly log: (line: string) => void;
    /** Runs a request once fewer than `requestsAtOnce` are on their way. */
    request<T>(send: () => Promise<T>): Promise<T>;
    /**
     * Runs a change, to the end of its task, once no other change of this account runs here. One that is cancelled while
     * it waits is made at once: its first request sees that, and is not sent.
     */
    change<T>(make: () => Promise<T>, signal: AbortSignal | undefined): Promise<T>;
    /** The id of the account, once it was asked for. */
    userId?: Promise<number> | undefined;
}

/**
 * Opens an account. Nothing is sent yet: the login comes with the first request.
 *
 * @throws FirewallError VF281 for an address that tokens must not be sent to
 * @example const servers = await listServers(openPanel({ refreshToken }));
 */
export function openPanel(options: PanelOptions): Panel {
    const url = panelUrl(options.url ?? defaultUrl);
    const patience = { timing: { ...defaultTiming, ...options.timing }, repetitions: options.repetitions ?? 4 };
    return {
        url,
        login: createLogin(url, options, patience),
        patience,
        log: options.log ?? (() => undefined),
        request: atMost(options.requestsAtOnce ?? 4),
        change: inTurn(),
    };
}
