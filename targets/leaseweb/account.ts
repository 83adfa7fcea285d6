import type { diagnostic, DiagnosticCode } from "../../core/model/diagnostics";
import { diagnostic as make, FirewallError } from "../../core/model/diagnostics";
import {
    type Answer,
    type Api,
    apiUrl,
    atMost,
    type Call,
    callApi,
    exchange,
    parsed,
    type Problem,
    urlOf,
    without,
} from "../http";
import * as answers from "./answers";
import { defaultTiming, defaultUrl, type LeasewebOptions, type LeasewebTiming } from "./options";

/** One account at Leaseweb's API: what all its operations share. */
export interface LeasewebAccount {
    readonly api: Api;
    readonly timing: LeasewebTiming;
}

const PANEL = "Leaseweb's API";
const HOW = "Make a key in the portal, under API, and store it as vps-firewall:leasewebApiKey, a secret.";

/**
 * Opens an account. Nothing is sent yet.
 *
 * @throws FirewallError VF321 for an address that keys must not be sent to
 * @example const groups = await listGroups(openLeaseweb({ apiKey }));
 */
export function openLeaseweb(options: LeasewebOptions): LeasewebAccount {
    const unauthorised = (host: string, reason: string) =>
        leasewebError("VF321", { panel: PANEL, host, reason, how: HOW });
    const base = apiUrl(options.url ?? defaultUrl, unauthorised);
    const { apiKey } = options;
    if (!/^[\x21-\x7e]+$/.test(apiKey)) throw unauthorised(base.host, "there is no key, or it is not printable text");
    const timing = { ...defaultTiming, ...options.timing };
    const places = atMost(options.requestsAtOnce ?? 4);
    const api: Api = {
        patience: { timing, repetitions: options.repetitions ?? 4 },
        log: options.log ?? (() => undefined),
        hide: (text) => without([apiKey], text),
        send: ({ method, path, query, body }, signal) => {
            const headers = {
                "x-lsw-auth": apiKey,
                ...(body === undefined ? undefined : { "content-type": "application/json" }),
            };
            const text = body === undefined ? undefined : JSON.stringify(body);
            const outgoing = { method, url: urlOf(base, { path, query }), headers, body: text };
            return places(() => exchange(outgoing, timing.requestTimeout, signal));
        },
        problemOf,
        errors: {
            noAnswer: (values) => leasewebError("VF320", { panel: PANEL, ...values }),
            refused: (values) => leasewebError("VF322", { panel: PANEL, ...values }),
            unusable: (values) => leasewebError("VF323", { panel: PANEL, ...values }),
            busy: ({ said, ...values }) =>
                leasewebError("VF320", { panel: PANEL, reason: said, request: "", ...values }),
            unauthorised: (reason) => unauthorised(base.host, reason),
        },
    };
    return { api, timing };
}

export function call<T>({ api }: LeasewebAccount, wanted: Call<T>, signal: AbortSignal | undefined): Promise<T> {
    return callApi(api, wanted, signal);
}

type Values<Code extends DiagnosticCode> = Parameters<typeof diagnostic<Code>>[1];

/** What stops an operation, with the code to look it up by. Never holds any part of a key. */
export function leasewebError<Code extends DiagnosticCode>(code: Code, values: Values<Code>): FirewallError {
    return new FirewallError(make(code, values));
}

function problemOf({ text }: Answer): Problem {
    const read = answers.problem.safeParse(parsed(text));
    if (!read.success) return {};
    const { errorCode, errorMessage, userMessage, correlationId, reference, errorDetails } = read.data;
    const fields = Object.entries(errorDetails ?? {}).map(([field, words]) => `${field}: ${words.join(" ")}`);
    const all = {
        code: errorCode,
        message: errorMessage ?? userMessage,
        fields: fields.join(", "),
        request: correlationId ?? reference,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}
