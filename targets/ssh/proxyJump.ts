import type { Place } from "./connection";
import { hostError } from "./hostError";
import type { SshConfig } from "./sshConfig";
import { expand } from "./sshConfig";

/** What `ProxyJump` says: `[user@]host[:port]`, also as `ssh://...`, several of them with commas; none where it says `none`. */
export function jumpsOf(config: SshConfig, tokens: Record<string, string>, host: string): Place[] {
    const setting = config.get("proxyjump")?.[0];
    const value = setting?.values[0];
    if (setting === undefined || value === undefined || value.toLowerCase() === "none") return [];
    return expand(setting, value, tokens, host)
        .split(",")
        .map((text) => {
            const place = parseJump(text.trim());
            if (place) return place;
            const { keyword, file, line } = setting;
            throw hostError("VF148", { file, line, keyword, host, reason: ` with the value ${text}` });
        });
}

function parseJump(text: string): Place | undefined {
    const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^\s@:[\]]+))(?::(\d+))?$/.exec(text);
    const host = match?.[2] ?? match?.[3];
    if (host === undefined) return undefined;
    const [user, port] = [match?.[1], match?.[4]];
    return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}
