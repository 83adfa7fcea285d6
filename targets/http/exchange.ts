import { randomUUID } from "node:crypto";

/** One request, as it goes over the wire. */
export interface Outgoing {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
}

export interface Answer {
    readonly status: number;
    /** The server's id of the request if it gives one, else ours, which was sent along. */
    readonly request: string;
    readonly retryAfter: string | undefined;
    readonly text: string;
}

/** No answer, or only a part of one: the request may have been carried out. */
export interface Silence {
    readonly silence: string;
    readonly request: string;
    /** Given up because the caller wanted it. */
    readonly cancelled: boolean;
}

/** Ten times the largest answer that any panel can give: 100 policies of netcup with 500 rules each. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/**
 * Sends one request and reads the whole answer within `timeout` milliseconds. Never throws. A redirect is an answer like
 * any other, so that no token follows it.
 */
export async function exchange(
    { method, url, headers, body }: Outgoing,
    timeout: number,
    signal: AbortSignal | undefined,
): Promise<Answer | Silence> {
    const ours = randomUUID();
    const ended = new AbortController();
    const cancel = () => ended.abort();
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        ended.abort();
    }, timeout);
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    try {
        const response = await fetch(url, {
            method,
            headers: { accept: "application/json", "x-request-id": ours, ...headers },
            redirect: "manual",
            signal: ended.signal,
            ...(body === undefined ? {} : { body }),
        });
        const request = response.headers.get("x-request-id") ?? ours;
        const text = await readText(response);
        const retryAfter = response.headers.get("retry-after") ?? undefined;
        return { status: response.status, request, retryAfter, text };
    } catch (error) {
        const cancelled = signal?.aborted === true && !late;
        const silence = cancelled
            ? "the operation was cancelled"
            : late
              ? `no whole answer within ${timeout / 1000} s`
              : reasonOf(error);
        return { silence, request: ours, cancelled };
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
    }
}

async function readText(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const part of response.body ?? []) {
        text += decoder.decode(part as Uint8Array, { stream: true });
        if (text.length > MOST_CHARACTERS) throw new Error("the answer is too long");
    }
    return text + decoder.decode();
}

/** The code of the system (ECONNREFUSED, ...), which is all that fetch says that helps. */
function reasonOf(error: unknown): string {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return cause?.code ?? cause?.message ?? message;
}
