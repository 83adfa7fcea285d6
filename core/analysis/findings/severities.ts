import { DEFAULT_ACTION } from "../decide";
import { printable } from "../../model/diagnostics";
import type { FindingSettings } from "../../model/findingSettings";
import { type Finding, templateOf } from "./finding";

/** Findings with the severities that templates say, and why. What the default action does is every template's. */
export function withSeverities(
    found: readonly Finding[],
    settings: ReadonlyMap<string, FindingSettings>,
): readonly Finding[] {
    return found.map((each) => {
        const templates = each.rule === DEFAULT_ACTION ? [...settings.keys()] : [templateOf(each.rule)];
        const code = each.code as keyof FindingSettings;
        const [setting] = templates.flatMap((template) => settings.get(template)?.[code] ?? []);
        if (!setting) return each;
        const { severity, reason } = setting;
        if (reason === undefined) return { ...each, severity };
        return { ...each, severity, reason, message: `${each.message} (${severity} here: ${printable(reason)})` };
    });
}
