import { quote } from "../../core/model/diagnostics";

/** The place of an API; secrets only ever go over https, or to the machine itself. `refuse` makes the error for any other. */
export function apiUrl(text: string, refuse: (host: string, reason: string) => Error): URL {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.password)
        throw refuse(quote(hideUserInfo(text)), "that is not an address of a panel");
    const own = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
    if (url.protocol !== "https:" && !own) throw refuse(url.host, "its address is not https, so no token was sent");
    return url;
}

function hideUserInfo(text: string): string {
    return text.replace(/\/\/[^/]*@/, "//[hidden]@");
}

/** `text` without any of the secrets. */
export function without(secrets: Iterable<string>, text: string): string {
    return [...secrets].reduce((rest, secret) => (secret ? rest.replaceAll(secret, "[token]") : rest), text);
}
