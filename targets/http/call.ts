import type { z } from "zod";
import { FirewallError, printable } from "../../core/model/diagnostics";
import type { Answer, Silence } from "./exchange";
import { left } from "./left";
import { type Problem, readJson, said } from "./readJson";
import { type Patience, repeat, type Try } from "./repeat";

/** One request to an API, and what is expected of it. */
export interface Call<T> {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** With its ids filled in: `/publicCloud/v1/securityGroups/7`. */
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

interface About {
    /** `GET /scp-core/api/v1/servers`. */
    readonly endpoint: string;
    readonly left: string;
}

/** One account at an API: how its requests go out, and how its errors are said. */
export interface Api {
    readonly patience: Patience;
    readonly log: (line: string) => void;
    /** Sends a request with what authorises it, within the limit of requests at once. */
    readonly send: (wanted: Call<unknown>, signal: AbortSignal | undefined) => Promise<Answer | Silence>;
    /** `text` without any secret of this account. */
    readonly hide: (text: string) => string;
    readonly problemOf: (answer: Answer) => Problem;
    /** Whether a refusal of a change says that another one runs. Default: none does. */
    readonly isBusy?: ((status: number, problem: Problem) => boolean) | undefined;
    readonly errors: {
        readonly noAnswer: (values: About & { reason: string; request: string }) => Error;
        readonly refused: (values: About & Refusal) => Error;
        readonly unusable: (values: About & { field: string; problem: string; request: string }) => Error;
        readonly busy: (values: About & { seconds: number; said: string }) => Error;
        /** The account is not let in, however often it is tried. */
        readonly unauthorised: (reason: string) => Error;
    };
}

/**
 * Makes a call: authorised, repeated where that helps, its answer checked. A request without an answer may have been carried
 * out; every error says whether.
 *
 * @throws the errors of the API, or what `refusal` makes
 */
export async function callApi<T>(api: Api, wanted: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    const { method, path, repeatable = true } = wanted;
    const { errors, hide } = api;
    const endpoint = `${method} ${path}`;
    const reads = method === "GET";
    // Once a write got no answer, no later refusal says that nothing was changed.
    let unsure = false;
    const leaves = () => (unsure ? left.unknown : (wanted.leaves ?? left.unchanged));
    let request = "not sent";
    const noAnswer = (reason: string) => errors.noAnswer({ endpoint, reason, request, left: leaves() });

    async function once(): Promise<Try<T>> {
        if (signal?.aborted) throw new Error("aborted");
        const answer = await api.send(wanted, signal);
        request = printable(hide(answer.request), 80);
        if ("silence" in answer) {
            unsure ||= !reads;
            const error = noAnswer(hide(answer.silence));
            if (answer.cancelled || (!repeatable && unsure)) throw error;
            return { again: "trouble", error };
        }
        const { status, retryAfter } = answer;
        const isSuccess = status >= 200 && status < 300;
        const problem = isSuccess ? {} : api.problemOf(answer);
        if (problem.request) request = printable(hide(problem.request), 80);
        api.log(`${endpoint}: ${status} (request ${request})`);
        if (isSuccess) {
            unsure ||= !reads;
            return { again: false, result: readOr({ ...answer, request }) };
        }
        const words = said(problem, hide);
        if (status === 429 || status >= 500) {
            // Too many requests: this one was not looked at. Anything may have come of the others.
            unsure ||= !reads && status !== 429;
            const error = noAnswer(`it answered ${status} ${words}`);
            if (!repeatable && status !== 429) throw error;
            return { again: "trouble", retryAfter, error };
        }
        if (!reads && api.isBusy?.(status, problem)) {
            const seconds = api.patience.timing.busyTimeout / 1000;
            const error = errors.busy({ endpoint, seconds, said: words, left: leaves() });
            return { again: "busy", retryAfter, error };
        }
        if (status === 401) throw errors.unauthorised(`it answered 401 ${words}`);
        const refusal = { status, code: problem.code, said: words, request, left: leaves(), unsure };
        throw wanted.refusal?.(refusal) ?? errors.refused({ endpoint, ...refusal });
    }

    function readOr(answer: Answer): T {
        if (answer.text === "" || answer.status === 204) {
            const nothing = wanted.answer.safeParse(undefined);
            if (nothing.success) return nothing.data;
        }
        const about = { endpoint, request: answer.request, left: leaves() };
        return readJson(wanted.answer, answer, (field, problem) => errors.unusable({ ...about, field, problem }));
    }

    try {
        return await repeat(api.patience, signal, once);
    } catch (error) {
        if (signal?.aborted && !(error instanceof FirewallError)) throw noAnswer("the operation was cancelled");
        // Whatever stopped it (a login, say), a try before it or the change that it is a part of may have been carried out.
        const stopped = error instanceof FirewallError && leaves() !== left.unchanged;
        if (stopped && !error.message.includes(leaves()))
            throw noAnswer(`${unsure ? "an earlier try had no answer; then: " : ""}${error.message}`);
        throw error;
    }
}

/** The address of a request. Its path is not encoded again: some are recorded with colons as they are. */
export function urlOf(base: URL, { path, query }: Pick<Call<unknown>, "path" | "query">): URL {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(query ?? {}))
        if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
}
