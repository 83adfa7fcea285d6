import { type Answer, type Api, type Call, callApi, exchange, type Silence, urlOf } from "../http";
import { refused } from "./login";
import { panelError } from "./panelError";
import type { Panel } from "./panel";
import { problemOf } from "./readAnswer";

export type { Call, Refusal } from "../http";

/** Neither status nor text is published; both were seen. */
const BUSY_STATUS = new Set([400, 409, 423]);
const BUSY_TEXT = /\bis (?:already )?running\b|try again later/i;

/**
 * Makes a call: logged in, within the limit of requests at once, repeated where that helps, its answer checked.
 *
 * @throws FirewallError VF280 to VF284, or what `refusal` makes
 */
export function call<T>(panel: Panel, wanted: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    return callApi(apiOf(panel), wanted, signal);
}

function apiOf(panel: Panel): Api {
    return {
        patience: panel.patience,
        log: panel.log,
        send: (wanted, signal) => sendAuthorised(panel, wanted, signal),
        hide: panel.login.hide,
        problemOf,
        isBusy: (status, { code, message }) => BUSY_STATUS.has(status) && BUSY_TEXT.test(`${code} ${message}`),
        errors: {
            noAnswer: (values) => panelError("VF280", values),
            refused: (values) => panelError("VF282", values),
            unusable: (values) => panelError("VF283", values),
            busy: (values) => panelError("VF284", values),
            unauthorised: (reason) => refused(panel.url, `${reason} to a new access token`),
        },
    };
}

/** Sends it with an access token, and once more with a new one if that was not taken. */
async function sendAuthorised(panel: Panel, wanted: Call<unknown>, signal?: AbortSignal): Promise<Answer | Silence> {
    const token = await panel.login.token();
    const answer = await send(panel, wanted, token, signal);
    if ("silence" in answer || answer.status !== 401) return answer;
    return send(panel, wanted, await panel.login.renew(token), signal);
}

function send(panel: Panel, { method, path, query, body }: Call<unknown>, token: string, signal?: AbortSignal) {
    const url = urlOf(panel.url, { path, query });
    const headers = {
        authorization: `Bearer ${token}`,
        // Also without a body: the panel wants it there.
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const timeout = panel.patience.timing.requestTimeout;
    return panel.request(() => exchange({ method, url, headers, body: text }, timeout, signal));
}
