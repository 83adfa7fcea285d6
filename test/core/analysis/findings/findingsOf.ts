import { type Finding, type FindingOptions, findings } from "../../../../core/analysis/findings/findings";
import { policyFrom } from "../exposureOf";

/** Rules of a template `web` as lines, or templates of such. */
export type Rules = Parameters<typeof policyFrom>[0];

export function findingsOf(rules: Rules, more: Parameters<typeof policyFrom>[1] = {}, options: FindingOptions = {}) {
    return findings(policyFrom(rules, more), options);
}

/** Their messages, of one code if one is said. */
export function messages(found: readonly Finding[], code?: string): string[] {
    return found.filter((each) => code === undefined || each.code === code).map(({ message }) => message);
}

export const codes = (found: readonly Finding[]) => found.map(({ code, rule }) => `${code} ${rule}`).sort();

export const open = { defaults: { ingress: "accept" } };
export const closedOut = { defaults: { egress: "drop" } };

export const templates = (rules: Record<string, Record<string, unknown>>) =>
    Object.entries(rules).map(([name, each]) => ({ name, rules: each }));
