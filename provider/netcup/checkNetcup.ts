import { TooMuchWork } from "../../core/analysis/diagram";
import type { Exposure } from "../../core/analysis/exposure";
import { type Finding, unproven } from "../../core/analysis/findings/findings";
import { formatExample, formatPacket } from "../../core/analysis/witness";
import { CannotExpress } from "../../core/dialects/dialect";
import { tooManyRules } from "../../core/dialects/netcup/count";
import type { Note } from "../../core/dialects/netcup/notes";
import { prove } from "../../core/dialects/netcup/prove";
import { countByTemplate, render, type RenderedPolicy, rulesOf } from "../../core/dialects/netcup/render";
import { type Diagnostic, diagnostic } from "../../core/model/diagnostics";
import type { Policy } from "../../core/model/policy";
import type { StoredPolicy } from "../../core/model/storedPolicy";
import { checkTemplates, failuresOf } from "../panels/checkTemplates";
import { type CheckFailure, isRecord, type Raw, withUnknownDefaults } from "../rawPolicy";
import { isUnknown } from "../unknowns";

/** Templates as netcup's firewall would have them. */
export interface CheckedNetcup {
    readonly stored: StoredPolicy & { readonly exposure: Exposure };
    readonly failures: readonly CheckFailure[];
    readonly findings: readonly Finding[];
    /** What is said there in another way than on a host: VF293, VF294. */
    readonly notes: readonly Diagnostic[];
    /** What would be sent; absent where that is refused, or not wholly known yet. */
    readonly rendered?: RenderedPolicy;
}

/**
 * Turns the templates of an interface into the stored form and netcup's rules, or says what is wrong with each. All templates are
 * one policy there: netcup's defaults are those of an interface, so what a later template drops must be in the same list. What
 * would be sent is counted and proven. Pure; unknown values pass, and what depends on them is proven when they are known.
 */
export function checkNetcup(raw: Raw, today?: string): CheckedNetcup {
    const { templates, addressSets, defaults, rules } = raw;
    const checked = checkTemplates(
        { templates, addressSets, defaults, rules },
        { ...(today !== undefined && { today }), base: "" },
    );
    const { policy, problems, stored } = checked;
    const said = withUnknownDefaults({ ...stored, exposure: checked.exposure }, defaults);
    const isSure = !Object.values(isRecord(defaults) ? defaults : {}).some(isUnknown);
    const isKnown = isSure && checked.open === undefined && problems.length === 0;
    const { problem, finding, ...sent } = isKnown ? inTheirWords(policy) : {};
    const found = isSure ? [...checked.findings, ...(finding ? [finding] : [])] : [];
    // Marked as secret by its name: an example packet could tell it.
    const isSecret = rules !== undefined && rules !== null;
    return {
        stored: said,
        failures: [...failuresOf(templates, [...problems, ...(problem ? [problem] : [])], found)],
        findings: found,
        notes: sent.rendered?.notes.map((note) => noteOf(note, isSecret)) ?? [],
        ...(sent.rendered && !problem && { rendered: sent.rendered }),
    };
}

interface InTheirWords {
    readonly rendered?: RenderedPolicy;
    readonly problem?: Diagnostic;
    /** The proof would have taken too long. */
    readonly finding?: Finding;
}

function inTheirWords(policy: Policy): InTheirWords {
    try {
        const rendered = render(policy);
        const many = tooManyRules(countByTemplate(rendered));
        if (many !== undefined) return { problem: diagnostic("VF291", { problem: many }, "templates") };
        const difference = prove([{ name: "templates", copied: false, rules: rulesOf(rendered) }], policy);
        if (!difference) return { rendered };
        const { packet, conditions, meant, done } = difference;
        const where = conditions.length === 0 ? "" : ` (${conditions.join(", ")})`;
        const problem = `${formatPacket(packet)}${where} is meant as ${meant}, and would be ${done}`;
        return { problem: diagnostic("VF292", { problem }, "templates") };
    } catch (error) {
        if (error instanceof TooMuchWork) return { rendered: render(policy), finding: unproven(policy) };
        if (!(error instanceof CannotExpress)) throw error;
        const { key: rule, field, problem } = error;
        return { problem: diagnostic("VF290", { rule, field, problem }, "templates") };
    }
}

function noteOf({ severity, key, text, packet }: Note, isSecret: boolean): Diagnostic {
    const example = packet ? ` (such as ${formatExample(packet)})` : "";
    const words = isSecret ? "the template holds a secret, so no more is said" : `${text}${example}`;
    const said = `${key === undefined ? "" : `${key}: `}${words}`;
    return severity === "warning" ? diagnostic("VF294", { said }) : diagnostic("VF293", { said });
}
