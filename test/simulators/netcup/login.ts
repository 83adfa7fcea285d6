import { randomBytes } from "node:crypto";

/** The login: OpenID Connect with the public client `scp`, as far as a refresh token goes. */
export interface LoginState {
    refreshToken: string;
    readonly accessTokens: Map<string, number>;
    /** Seconds. */
    lifetime: number;
    /** Whether each login gives another refresh token, after which the old one is not taken. */
    rotates: boolean;
    /** How many logins there were. */
    logins: number;
}

export const realm = "/realms/scp/protocol/openid-connect";

export function newLogin(): LoginState {
    return { refreshToken: newToken("refresh"), accessTokens: new Map(), lifetime: 300, rotates: false, logins: 0 };
}

const newToken = (kind: string) => `${kind}-${randomBytes(24).toString("hex")}`;

export interface Reply {
    readonly status: number;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
}

/** `POST .../token` */
export function giveTokens(login: LoginState, contentType: string, text: string): Reply {
    const form = new URLSearchParams(text);
    const fits =
        contentType.startsWith("application/x-www-form-urlencoded") &&
        form.get("grant_type") === "refresh_token" &&
        form.get("client_id") === "scp";
    if (!fits) return { status: 400, body: { error: "invalid_request" } };
    if (form.get("refresh_token") !== login.refreshToken)
        return { status: 400, body: { error: "invalid_grant", error_description: "Offline user session not found" } };
    login.logins++;
    const token = newToken("access");
    login.accessTokens.set(token, Date.now() + login.lifetime * 1000);
    if (login.rotates) login.refreshToken = newToken("refresh");
    return {
        status: 200,
        body: {
            access_token: token,
            expires_in: login.lifetime,
            refresh_expires_in: 0,
            refresh_token: login.refreshToken,
            token_type: "Bearer",
        },
    };
}

/** What an unauthorised request is told; nothing if it is authorised. */
export function unauthorised(login: LoginState, header: string | undefined): Reply | undefined {
    if (header === undefined) return { status: 401, body: { message: "Authorization header missing." } };
    const end = login.accessTokens.get(header.replace(/^Bearer /, ""));
    if (end !== undefined && Date.now() < end) return undefined;
    return { status: 401, body: { message: `Token is not valid: ${header}` } };
}
