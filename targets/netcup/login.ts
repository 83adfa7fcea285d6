import type { z } from "zod";
import { quote } from "../../core/model/diagnostics";
import * as answers from "./answers";
import { exchange } from "./exchange";
import type { PanelOptions } from "./options";
import { panelError } from "./panelError";
import { readJson, said } from "./readAnswer";
import { type Patience, repeat, type Try } from "./repeat";

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
export function createLogin(url: URL, options: PanelOptions, patience: Patience): Login {
    let refreshToken = options.refreshToken;
    let current: { readonly token: string; readonly goodUntil: number } | undefined;
    let renewal: Promise<string> | undefined;
    const secrets = new Set([refreshToken]);
    const hide = (text: string) =>
        [...secrets].reduce((rest, secret) => (secret ? rest.replaceAll(secret, "[token]") : rest), text);

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
    patience: Patience,
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
            return { again: "trouble", retryAfter, error: trouble(`it answered ${status} ${said(answer, hide)}`) };
        if (status !== 200) throw refused(url, `it answered ${status} ${said(answer, hide)}`);
        return { again: false, result: readJson(answers.tokens, answer, { endpoint, left: ONLY_LOGIN }) };
    });
}

/** The error for a login that will not work however often it is tried. */
export function refused(url: URL, reason: string): Error {
    return panelError("VF281", { host: url.host, reason });
}

/** The panel's place; tokens only ever go over https, or to the machine itself. */
export function panelUrl(text: string): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.password)
        throw panelError("VF281", { host: quote(hideUserInfo(text)), reason: "that is not an address of a panel" });
    const own = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
    if (url.protocol !== "https:" && !own) throw refused(url, "its address is not https, so no token was sent");
    return url;
}

function hideUserInfo(text: string): string {
    return text.replace(/\/\/[^/]*@/, "//[hidden]@");
}
