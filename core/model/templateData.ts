import type { Defaults } from "./policy";
import type { RuleFields } from "./ruleFields";

/** What `extends` may name; what they say is in presets.ts. */
export const presetNames = [
    "minimum",
    "recommended",
    "optimal",
    "outbound",
    "dns",
    "smtp",
    "imap",
    "pop3",
    "ftp",
] as const;
export type PresetName = (typeof presetNames)[number];

/** A template as plain data: it can be written as JSON or YAML, and means the same in every language. */
export interface TemplateData<Rule = RuleFields | string> {
    /** One line for the next reader, at most 200 characters. It is not inherited. */
    readonly description?: string;
    /** Whose rules it has too. Of rules with one name the later template's wins, and its own win over all. */
    readonly extends?: TemplateParent<Rule> | readonly TemplateParent<Rule>[];
    readonly rules?: Readonly<Record<string, Rule>>;
    /** Names of inherited rules that it does not have. */
    readonly remove?: readonly string[];
    /** Default actions without which it makes no sense; a target that has others refuses it. */
    readonly requires?: Partial<Defaults>;
    /** Other severities for findings about its rules, by code; inherited code by code. */
    readonly findings?: unknown;
}

export type TemplateParent<Rule> = PresetName | TemplateData<Rule>;

/** A template with everything in it that it inherits. */
export interface FlatTemplate<Rule = unknown> {
    readonly description?: string;
    readonly rules: Readonly<Record<string, Rule>>;
    readonly requires: Partial<Defaults>;
    readonly findings?: unknown;
}
