import type { z } from "zod";
import { apiUrl, exchange, readJson, repeat, said, type Try, without } from "../http";
import * as answers from "./answers";
import type { PanelOptions } from "./options";
import type { Panel } from "./panel";
import { panelError } from "./panelError";
import { problemOf } from "./readAnswer";

/** Access tokens for as long as the panel is used. */
export interface Login {
    /** One that is still good for a while, as far as its stated end tells; concurrent callers share a renewal. */
    token(): Promise<string>;
    /** Another one than `refused`, which the panel did not take. */
    renew(refused: string): Promise<string>;
    /** `text` without any token of this login. */
    hide(text: string): string;
}

const CLIENT_ID = "scp";
/** True also where a login is renewed in the middle of a change. */
const ONLY_LOGIN = "Only the login was sent.";
const TOKEN_PATH = "/realms/scp/protocol/openid-connect/token";

/**
 * Exchanges the refresh token for access tokens (some 300 s each) when one is wanted. A refresh token that the panel hands
 * out instead is used from then on.
 */
export function createLogin(url: URL, options: PanelOptions, patience: Panel["patience"]): Login {
    let refreshToken = options.refreshToken;
    let current: { readonly token: string; readonly goodUntil: number } | undefined;
    let renewal: Promise<string> | undefined;
    const secrets = new Set([refreshToken]);
    const hide = (text: string) => without(secrets, text);

    async function logIn(): Promise<string> {
        const { access_token, expires_in, refresh_token } = await askForTokens(url, refreshToken, patience, hide);
        secrets.add(access_token);
        if (refresh_token !== undefined && refresh_token !== refreshToken) {
            refreshToken = refresh_token;
            secrets.add(refresh_token);
            options.onRefreshToken?.(refresh_token);
        }
        // Of a token that lives shorter than `renewBefore`, half its life is used.
        const life = expires_in * 1000;
        current = {
            token: access_token,
            goodUntil: Date.now() + Math.max(life - patience.timing.renewBefore, life / 2),
        };
        return access_token;
    }

    const login: Login = {
        async token() {
            if (renewal) return renewal;
            if (current && Date.now() < current.goodUntil) return current.token;
            renewal = logIn().finally(() => (renewal = undefined));
            return renewal;
        },
        async renew(refused) {
            if (current?.token === refused) current = undefined;
            return login.token();
        },
        hide,
    };
    return login;
}

type Tokens = z.infer<typeof answers.tokens>;

async function askForTokens(
    url: URL,
    refreshToken: string,
    patience: Panel["patience"],
    hide: (text: string) => string,
): Promise<Tokens> {
    const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: CLIENT_ID };
    const endpoint = `POST ${TOKEN_PATH}`;
    const outgoing = {
        method: "POST",
        url: new URL(TOKEN_PATH, url),
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
    } as const;
    return repeat(patience, undefined, async (): Promise<Try<Tokens>> => {
        const answer = await exchange(outgoing, patience.timing.requestTimeout, undefined);
        const { request } = answer;
        const trouble = (reason: string) => panelError("VF280", { endpoint, reason, request, left: ONLY_LOGIN });
        if ("silence" in answer) return { again: "trouble", error: trouble(hide(answer.silence)) };
        const { status, retryAfter } = answer;
        if (status === 429 || status >= 500)
            return {
                again: "trouble",
                retryAfter,
                error: trouble(`it answered ${status} ${said(problemOf(answer), hide)}`),
            };
        if (status !== 200) throw refused(url, `it answered ${status} ${said(problemOf(answer), hide)}`);
        const unusable = (field: string, problem: string) =>
            panelError("VF283", { endpoint, field, problem, request, left: ONLY_LOGIN });
        return { again: false, result: readJson(answers.tokens, answer, unusable) };
    });
}

/** The error for a login that will not work however often it is tried. */
export function refused(url: URL, reason: string): Error {
    return panelError("VF281", { host: url.host, reason });
}

/** The panel's place; tokens only ever go over https, or to the machine itself. */
export function panelUrl(text: string): URL {
    return apiUrl(text, (host, reason) => panelError("VF281", { host, reason }));
}
