import { analysisDiagnostics } from "./analysisDiagnostics";
import { type Diagnostic, diagnostic, quote, type Severity } from "./diagnostics";
import { NOT_KNOWN_YET } from "./formatRule";
import { propose } from "./nearest";

/** What a template says of one kind of finding about its rules. */
export interface FindingSetting {
    readonly severity: Severity | "off";
    /** Why it is fine here; needed for a severity below the usual. */
    readonly reason?: string;
}

/** By code. */
export type FindingSettings = Readonly<Partial<Record<FindingCode, FindingSetting>>>;

/** The codes that a template may say something of. */
export type FindingCode = Extract<keyof typeof analysisDiagnostics, `VF2${1 | 2 | 3 | 4}${number}`>;

const CODES = Object.keys(analysisDiagnostics).filter((code) => /^VF2[1-4]/.test(code)) as FindingCode[];

const RANK = { off: 0, note: 1, warning: 2, error: 3 } as const;

const LONGEST_REASON = 200;

/** Settings as users write them: `{ VF222: { severity: "off", reason: "keys only" } }`. */
export function checkFindingSettings(
    raw: unknown,
    path: string,
): { readonly settings: FindingSettings; readonly problems: readonly Diagnostic[] } {
    if (raw === undefined || raw === null || raw === NOT_KNOWN_YET) return { settings: {}, problems: [] };
    if (!isRecord(raw)) return { settings: {}, problems: [diagnostic("VF051", { value: quote(raw) }, path)] };
    const problems: Diagnostic[] = [];
    const settings: Partial<Record<FindingCode, FindingSetting>> = {};
    for (const [word, said] of Object.entries(raw)) {
        const code = CODES.find((known) => known === word);
        const setting = settingFrom(said);
        if (code === undefined) {
            const proposal = propose(word, CODES, "It is VF213 to VF249.");
            problems.push(diagnostic("VF050", { value: quote(word), proposal }, path));
        } else if (setting === undefined) problems.push(diagnostic("VF051", { value: quote(said) }, `${path}.${code}`));
        else if (setting !== NOT_KNOWN_YET) {
            const { severity } = analysisDiagnostics[code];
            if (RANK[setting.severity] < RANK[severity] && !setting.reason)
                problems.push(diagnostic("VF052", { code, severity }, `${path}.${code}`));
            settings[code] = setting;
        }
    }
    return { settings, problems };
}

function settingFrom(said: unknown): FindingSetting | typeof NOT_KNOWN_YET | undefined {
    if (said === NOT_KNOWN_YET) return NOT_KNOWN_YET;
    if (!isRecord(said) || Object.keys(said).some((key) => key !== "severity" && key !== "reason")) return undefined;
    const { severity, reason } = said;
    if (severity === NOT_KNOWN_YET || reason === NOT_KNOWN_YET) return NOT_KNOWN_YET;
    if (typeof severity !== "string" || !Object.hasOwn(RANK, severity)) return undefined;
    if (reason !== undefined && !isLine(reason)) return undefined;
    const trimmed = typeof reason === "string" ? reason.trim() : "";
    return { severity: severity as keyof typeof RANK, ...(trimmed && { reason: trimmed }) };
}

/** One line of plain text. */
function isLine(value: unknown): value is string {
    return typeof value === "string" && value.length <= LONGEST_REASON && !/\p{Cc}/u.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
