import { TooMuchWork } from "../../core/analysis/diagram";
import { type Exposure, exposure } from "../../core/analysis/exposure";
import { type Finding, findings, unproven, withSeverities } from "../../core/analysis/findings/findings";
import { formatExample, formatPacket } from "../../core/analysis/witness";
import { CannotExpress } from "../../core/dialects/dialect";
import { tooManyRules } from "../../core/dialects/netcup/count";
import type { Note } from "../../core/dialects/netcup/notes";
import { prove } from "../../core/dialects/netcup/prove";
import { countByTemplate, render, type RenderedPolicy, rulesOf } from "../../core/dialects/netcup/render";
import { NOT_KNOWN_YET } from "../../core/model/formatRule";
import { checkPolicy } from "../../core/model/checkPolicy";
import { type Diagnostic, diagnostic } from "../../core/model/diagnostics";
import type { Policy } from "../../core/model/policy";
import { notKnownYet, type StoredPolicy } from "../../core/model/storedPolicy";
import {
    type CheckFailure,
    failureOf,
    isRecord,
    placesOf,
    policyFrom,
    type Raw,
    withUnknownDefaults,
} from "../rawPolicy";
import { withUnknownsInWords } from "../unknowns";

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
export function checkNetcup({ templates, addressSets: sets, defaults }: Raw, today?: string): CheckedNetcup {
    const words = withUnknownsInWords({ templates, sets, defaults }) as Raw;
    const { stored, policy, findingSettings, problems } = checkPolicy(policyFrom(words));
    const places = placesOf(templates);
    const said = withUnknownDefaults({ ...stored, exposure: exposure(policy) }, defaults);
    const isSure = !Object.values(isRecord(words["defaults"]) ? words["defaults"] : {}).includes(NOT_KNOWN_YET);
    const isKnown = isSure && notKnownYet(policy) === undefined && problems.length === 0;
    const { problem, finding, ...sent } = isKnown ? inTheirWords(policy) : {};
    const found = problems.length > 0 || !isSure ? [] : findings(policy, today === undefined ? {} : { today });
    const all = withSeverities([...found, ...(finding ? [finding] : [])], findingSettings);
    const errors = all.filter(({ severity }) => severity === "error");
    return {
        stored: said,
        failures: [
            ...[...problems, ...(problem ? [problem] : [])].map((each) => failureOf(each, places)),
            ...errors.map(({ message }) => ({ property: "templates", reason: message })),
        ],
        findings: all,
        notes: sent.rendered?.notes.map(noteOf) ?? [],
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

function noteOf({ severity, key, text, packet }: Note): Diagnostic {
    const example = packet ? ` (such as ${formatExample(packet)})` : "";
    const said = `${key === undefined ? "" : `${key}: `}${text}${example}`;
    return severity === "warning" ? diagnostic("VF294", { said }) : diagnostic("VF293", { said });
}
