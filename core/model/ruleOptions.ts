import { type Diagnostic, diagnostic, quote } from "./diagnostics";
import { type Limit, limitUnits } from "./rule";

type Read<Value> = { readonly value: Value } | { readonly problem: Diagnostic };

/** Reads a text of a rule; `property` is the field to blame. */
export type ParseText<Value> = (text: string, property?: string) => Read<Value>;

const DEFAULT_BURST = 5;

/**
 * Reads a rate limit: `10/second`, `10/second burst 20`, `10/second burst 20 per source`.
 *
 * Errors: VF036.
 */
export function parseLimit(text: string, property?: string): Read<Limit> {
    const found = /^(\d{1,7})\/([a-z]+)(?: burst (\d{1,5}))?( per source)?$/.exec(text.trim().replace(/\s+/g, " "));
    const per = limitUnits.find((unit) => unit === found?.[2]);
    const rate = Number(found?.[1]);
    const burst = found?.[3] === undefined ? DEFAULT_BURST : Number(found[3]);
    if (!found || !per || rate < 1 || rate > 1_000_000 || burst < 1 || burst > 65_535)
        return { problem: diagnostic("VF036", { value: quote(text) }, property) };
    return { value: { rate, per, burst, perSource: found[4] !== undefined } };
}

export function formatLimit({ rate, per, burst, perSource }: Limit): string {
    return `${rate}/${per} burst ${burst}${perSource ? " per source" : ""}`;
}

export const SECONDS: Readonly<Record<Limit["per"], number>> = { second: 1, minute: 60, hour: 3600, day: 86400 };

/** After so long a pause a whole burst may come again, rounded up. */
export function secondsToRefill({ rate, per, burst }: Pick<Limit, "rate" | "per" | "burst">): number {
    return Math.ceil((burst * SECONDS[per]) / rate);
}

/**
 * Reads the name of a network interface, or the beginning of some: `eth0`, `wg*`. Linux allows 15 characters and nearly
 * any of them; those of this form need no quotes anywhere.
 *
 * Errors: VF035.
 */
export function parseInterface(text: string, property?: string): Read<string> {
    const name = text.trim();
    // The loopback device is in the base of every host, so no rule decides what passes there.
    if (/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,14}\*?$/.test(name) && name.length <= 15 && name !== "lo")
        return { value: name };
    return { problem: diagnostic("VF035", { value: quote(text) }, property) };
}

/**
 * Reads the beginning of a log line: it stands in a quoted text of a packet filter, which knows no escapes, and to nft $ is
 * the beginning of a variable even there.
 *
 * Errors: VF037.
 */
export function parseLogPrefix(text: string, property?: string): Read<string> {
    if (/^[\x20-\x7e]{1,64}$/.test(text) && !/["\\$]/.test(text)) return { value: text };
    return { problem: diagnostic("VF037", { value: quote(text) }, property) };
}

/** Reads a day, `2027-01-31`. Errors: VF038. */
export function parseDay(text: string, property?: string): Read<string> {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
    // A day that no month has rolls over to the next.
    if (day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) return { value: text };
    return { problem: diagnostic("VF038", { value: quote(text) }, property) };
}
