import type { z } from "zod";
import { FirewallError, printable } from "../../core/model/diagnostics";
import { type Answer, exchange, type Silence } from "./exchange";
import { refused } from "./login";
import { left, panelError } from "./panelError";
import type { Panel } from "./panel";
import { problemOf, readJson, said } from "./readAnswer";
import { repeat, type Try } from "./repeat";

/** One request to the panel, and what is expected of it. */
export interface Call<T> {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** With its ids filled in: `/scp-core/api/v1/servers/7`. */
    readonly path: string;
    readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
    readonly body?: unknown;
    /** The form of the answer; without one its body is not looked at. */
    readonly answer: z.ZodType<T>;
    /** Whether a second one after a first that was carried out does no harm. Default: true. */
    readonly repeatable?: boolean | undefined;
    /** What a read that fails says of the panel's state, if it is a part of a change. Default: that nothing was changed. */
    readonly leaves?: string | undefined;
    /** What else than the answer's form may be told from a refusal, as an error of its own. */
    readonly refusal?: ((refusal: Refusal) => Error | undefined) | undefined;
}

export interface Refusal {
    readonly status: number;
    readonly code: string | undefined;
    readonly said: string;
    readonly request: string;
    readonly left: string;
    /** An earlier try may have been carried out. */
    readonly unsure: boolean;
}

/** Neither status nor text is published; both were seen. */
const BUSY_STATUS = new Set([400, 409, 423]);
const BUSY_TEXT = /\bis (?:already )?running\b|try again later/i;

/**
 * Makes a call: logged in, within the limit of requests at once, repeated where that helps, its answer checked.
 *
 * @throws FirewallError VF280 to VF284, or what `refusal` makes
 */
export async function call<T>(panel: Panel, wanted: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    const { method, path, repeatable = true } = wanted;
    const endpoint = `${method} ${path}`;
    const reads = method === "GET";
    // Once a write got no answer, no later refusal says that nothing was changed.
    let unsure = false;
    const leaves = () => (unsure ? left.unknown : (wanted.leaves ?? left.unchanged));
    const idOf = (answer: Answer | Silence) => printable(panel.login.hide(answer.request), 80);
    let request = "not sent";
    const noAnswer = (reason: string) => panelError("VF280", { endpoint, reason, request, left: leaves() });

    async function once(): Promise<Try<T>> {
        if (signal?.aborted) throw new Error("aborted");
        const answer = await sendAuthorised(panel, wanted, signal);
        request = idOf(answer);
        if ("silence" in answer) {
            unsure ||= !reads;
            const error = noAnswer(panel.login.hide(answer.silence));
            if (answer.cancelled || (!repeatable && unsure)) throw error;
            return { again: "trouble", error };
        }
        panel.log(`${endpoint}: ${answer.status} (request ${request})`);
        const { status, retryAfter } = answer;
        if (status >= 200 && status < 300) {
            unsure ||= !reads;
            return { again: false, result: readOr(wanted, { ...answer, request }, endpoint, leaves()) };
        }
        const words = said(answer, panel.login.hide);
        const { code, message } = problemOf(answer);
        if (status === 429 || status >= 500) {
            // Too many requests: this one was not looked at. Anything may have come of the others.
            unsure ||= !reads && status !== 429;
            const error = noAnswer(`it answered ${status} ${words}`);
            if (!repeatable && status !== 429) throw error;
            return { again: "trouble", retryAfter, error };
        }
        if (!reads && BUSY_STATUS.has(status) && BUSY_TEXT.test(`${code} ${message}`)) {
            const seconds = panel.patience.timing.busyTimeout / 1000;
            const error = panelError("VF284", { endpoint, seconds, said: words, left: leaves() });
            return { again: "busy", retryAfter, error };
        }
        if (status === 401) throw refused(panel.url, `it answered 401 ${words} to a new access token`);
        const refusal = { status, code, said: words, request, left: leaves(), unsure };
        throw wanted.refusal?.(refusal) ?? panelError("VF282", { endpoint, ...refusal });
    }

    try {
        return await repeat(panel.patience, signal, once);
    } catch (error) {
        if (signal?.aborted && !(error instanceof FirewallError)) throw noAnswer("the operation was cancelled");
        // Whatever stopped it (a login, say), a try before it or the change that it is a part of may have been carried out.
        const stopped = error instanceof FirewallError && leaves() !== left.unchanged;
        if (stopped && !error.message.includes(leaves()))
            throw noAnswer(`${unsure ? "an earlier try had no answer; then: " : ""}${error.message}`);
        throw error;
    }
}

function readOr<T>({ answer: schema }: Call<T>, answer: Answer, endpoint: string, leaves: string): T {
    if (answer.text === "" || answer.status === 204) {
        const nothing = schema.safeParse(undefined);
        if (nothing.success) return nothing.data;
    }
    return readJson(schema, answer, { endpoint, left: leaves });
}

/** Sends it with an access token, and once more with a new one if that was not taken. */
async function sendAuthorised<T>(panel: Panel, wanted: Call<T>, signal?: AbortSignal): Promise<Answer | Silence> {
    const token = await panel.login.token();
    const answer = await send(panel, wanted, token, signal);
    if ("silence" in answer || answer.status !== 401) return answer;
    return send(panel, wanted, await panel.login.renew(token), signal);
}

function send<T>(panel: Panel, { method, path, query, body }: Call<T>, token: string, signal?: AbortSignal) {
    // Not encoded again: the colons of a hardware address and of ":reapply" are recorded as they are.
    const url = new URL(path, panel.url);
    for (const [name, value] of Object.entries(query ?? {}))
        if (value !== undefined) url.searchParams.set(name, String(value));
    const headers = {
        authorization: `Bearer ${token}`,
        // Also without a body: the panel wants it there.
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const timeout = panel.patience.timing.requestTimeout;
    return panel.request(() => exchange({ method, url, headers, body: text }, timeout, signal));
}
