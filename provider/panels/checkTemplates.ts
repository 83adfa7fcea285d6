import { type Exposure, exposure } from "../../core/analysis/exposure";
import { type Finding, findings, withSeverities } from "../../core/analysis/findings/findings";
import { checkPolicy } from "../../core/model/checkPolicy";
import { type Diagnostic, diagnostic, quote } from "../../core/model/diagnostics";
import type { Policy } from "../../core/model/policy";
import { notKnownYet, type StoredPolicy } from "../../core/model/storedPolicy";
import type { upstreamBlocks } from "../../core/model/upstreamBlocks";
import { withoutWords } from "../checkHost";
import { type CheckFailure, failureOf, placesOf, policyFrom, type Raw } from "../rawPolicy";
import { isUnknown, withUnknownsInWords } from "../unknowns";

/** What templates come to on a panel, before the panel is asked whether it can say it. */
export interface CheckedTemplates {
    readonly stored: StoredPolicy;
    readonly policy: Policy;
    readonly exposure: Exposure;
    /** What is not known yet; undefined: nothing is. */
    readonly open: string | undefined;
    readonly problems: readonly Diagnostic[];
    readonly findings: readonly Finding[];
}

export interface Around {
    readonly today?: string;
    /** In whose network it is, where that blocks something. */
    readonly provider?: keyof typeof upstreamBlocks;
    /** What passes before any rule is asked. */
    readonly base: string;
}

/** Templates, sets and defaults among raw inputs, checked and analysed. Values that are not known yet pass. */
export function checkTemplates({ templates, addressSets, defaults, rules }: Raw, around: Around): CheckedTemplates {
    const words = withUnknownsInWords({ templates, sets: addressSets, defaults }) as Raw;
    const { stored, policy, findingSettings, problems } = checkPolicy(policyFrom(words));
    const none = Array.isArray(templates) && templates.length === 0 ? [diagnostic("VF032", {}, "templates")] : [];
    const found = problems.length > 0 ? [] : withSeverities(findings(policy, around), findingSettings);
    // Marked as secret by its name: an example packet could tell it.
    const isSecret = rules !== undefined && rules !== null;
    return {
        stored,
        policy,
        exposure: exposure(policy),
        open: notKnownYet(policy),
        problems: [...none, ...problems],
        findings: isSecret ? found.map(withoutWords) : found,
    };
}

/** Problems as the engine reports them, with rule and field named. */
export function failuresOf(
    templates: unknown,
    problems: readonly Diagnostic[],
    found: readonly Finding[],
): CheckFailure[] {
    const places = placesOf(templates);
    const errors = found.filter(({ severity }) => severity === "error");
    return [
        ...problems.map((problem) => failureOf(problem, places)),
        ...errors.map(({ message }) => ({ property: "templates", reason: message })),
    ];
}

/** A list of texts of one form, as keys; one that is not known yet reads so. Problems name the field. */
export function keyedList(
    value: unknown,
    field: string,
    { pattern, proposal }: { readonly pattern: RegExp; readonly proposal: string },
): { readonly keys: Readonly<Record<string, true>>; readonly problems: readonly Diagnostic[] } {
    if (value === undefined || value === null) return { keys: {}, problems: [] };
    const items: unknown[] = Array.isArray(value) ? value : [value];
    const problems = items.flatMap((item, index) => {
        if (isUnknown(item) || ((typeof item === "string" || typeof item === "number") && pattern.test(String(item))))
            return [];
        const place = `${field}[${index}]`;
        return [diagnostic("VF014", { field: place, value: quote(item), proposal }, place)];
    });
    const keys = items.map((item) => [String(withUnknownsInWords(item)), true] as const).sort();
    return { keys: Object.fromEntries(keys), problems };
}
