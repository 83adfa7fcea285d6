import { isWorld } from "./danger";
import type { Report, ReportedTraffic, Said } from "./report";

/** What makes a report fail. `opens-to-world` holds `management`. */
export const FAILURES = ["opens-to-world", "management", "errors"] as const;
export type Failure = (typeof FAILURES)[number];

/** A rule (`web/https`) or traffic (`tcp 443`, `any`) that is allowed to open, and why. */
export interface Allowed {
    readonly what: string;
    readonly reason: string;
}

/**
 * `web/https=public shop`.
 *
 * @throws Error where there is no reason
 */
export function readAllowed(text: string): Allowed {
    const at = text.indexOf("=");
    const [what, reason] = at < 0 ? [text, ""] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    if (what === "" || reason === "")
        throw new Error(
            `--allow needs a rule or traffic and a reason: --allow "web/https=public shop", not ${JSON.stringify(text)}`,
        );
    return { what, reason };
}

/** What fails, in words; and what would fail, was it not allowed. */
export function failuresOf(
    { traffic, errors }: Report,
    wanted: readonly Failure[],
    allowed: readonly Allowed[],
): { readonly failed: readonly string[]; readonly allowed: readonly Said[] } {
    const failed: string[] = [];
    const excused: Said[] = [];
    for (const row of traffic) {
        const failure = wanted.find((each) => fails(row, each));
        if (!failure) continue;
        const excuse = allowed.find(({ what }) => isMeant(row, what));
        const words = `${row.kind} ${row.what} to ${row.after}, by ${row.rules.join(", ")}`;
        if (excuse) excused.push({ text: `${words}: ${excuse.reason}`, servers: row.servers });
        else failed.push(`${failure}: ${words}`);
    }
    if (wanted.includes("errors")) failed.push(...errors.map((text) => `errors: ${text}`));
    return { failed, allowed: excused };
}

function fails({ risk, kind, direction, after }: ReportedTraffic, failure: Failure): boolean {
    if (failure === "management") return risk === "management";
    const opens = kind === "opens" || kind === "widens" || kind === "changes";
    return failure === "opens-to-world" && opens && direction === "ingress" && isWorld(after);
}

/** All rules that open it, or exactly this traffic. */
function isMeant({ rules, what }: ReportedTraffic, allowed: string): boolean {
    return what === allowed || rules.every((key) => key === allowed);
}
