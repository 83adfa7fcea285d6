import { mayBeReached } from "../../core/analysis/lockout";
import { soundRows } from "../../core/dialects/allowLists/soundPlan";
import { proveSecurityGroup, renderKeyedGroup } from "../../core/dialects/leaseweb";
import { type Diagnostic, diagnostic, quote } from "../../core/model/diagnostics";
import { NOT_KNOWN_YET } from "../../core/model/formatRule";
import type { Policy } from "../../core/model/policy";
import type { Finding } from "../../core/analysis/findings/findings";
import { checkTemplates, failuresOf, keyedList } from "../panels/checkTemplates";
import { type CheckFailure, type Raw, unknownFields } from "../rawPolicy";
import { isUnknown } from "../unknowns";
import { GROUP_BASE, type GroupInputs, OPTION_NAMES } from "./groupInputs";
import { exposureOfRows, rowText } from "./groupRows";

const PANEL = "a Leaseweb security group";
const UUID = { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, proposal: "It is an id of 36 characters." };
const KNOWN = ["templates", "addressSets", "defaults", "credentials", "sameTargetAs", ...OPTION_NAMES];

export interface CheckedGroup {
    readonly inputs: GroupInputs;
    readonly failures: CheckFailure[];
    readonly findings: readonly Finding[];
    /** What a reader of the rows should know. */
    readonly messages: readonly Diagnostic[];
}

/** Turns raw inputs into what the state keeps, or says what is wrong with each. Pure. Unknown values pass. */
export function checkGroup(raw: Raw, today?: string): CheckedGroup {
    const { rules: _r, exposure: _e, sets: _s, rows: _w, ...said } = raw;
    const checked = checkTemplates(raw, {
        ...(today !== undefined && { today }),
        provider: "leaseweb",
        base: GROUP_BASE,
    });
    const { templates, addressSets: _a, defaults: _d, instances, sameTargetAs, ...rest } = said;
    const list = keyedList(instances, "instances", UUID);
    const { rendered, messages } = rowsOf(checked.policy, checked.problems.length > 0 ? "a mistake" : checked.open);
    const problems = [
        ...unknownFields(said, KNOWN),
        ...optionProblems(rest),
        ...list.problems,
        ...claimProblems(rest["group"], sameTargetAs),
        ...checked.problems,
        ...(rendered ? lockoutProblems(rest, checked.policy) : []),
        ...messages.filter(({ severity }) => severity === "error"),
    ];
    const inputs: GroupInputs = {
        ...(rest as unknown as Pick<GroupInputs, "group">),
        ...checked.stored,
        instances: list.keys,
        rows: rendered
            ? Object.fromEntries(rendered.map(({ key, row }) => [rowText(row), key]))
            : { [NOT_KNOWN_YET]: checked.open ?? "" },
        exposure: rendered ? exposureOfRows(rendered.map(({ row }) => row)) : checked.exposure,
        base: GROUP_BASE,
        rulesFormat: 1,
    };
    return {
        inputs,
        failures: failuresOf(templates, problems, checked.findings),
        findings: checked.findings,
        messages: messages.filter(({ severity }) => severity !== "error"),
    };
}

/** The rows of a policy that is wholly known; else none. */
function rowsOf(policy: Policy, open: string | undefined) {
    if (open !== undefined) return { rendered: undefined, messages: [] };
    const { rows, messages } = soundRows(
        PANEL,
        () => renderKeyedGroup(policy),
        (found) =>
            proveSecurityGroup(
                found.map(({ row }) => row),
                policy,
            ),
    );
    return { rendered: rows, messages };
}

/** Where somebody manages an instance: SSH, or the remote desktop of Windows. */
const MANAGEMENT = [22, 3389] as const;

/** Where the group is the only one of its instances, somebody must be able to get in by it. */
function lockoutProblems({ group, exclusive, lockoutCheck }: Raw, policy: Policy): Diagnostic[] {
    if (exclusive !== true || lockoutCheck === "off") return [];
    if (MANAGEMENT.some((port) => mayBeReached(policy, port))) return [];
    return [diagnostic("VF330", { group: quote(group) }, "templates")];
}

function optionProblems({ group, exclusive, adopt, url, lockoutCheck }: Raw): Diagnostic[] {
    const given = (value: unknown) => value !== undefined && value !== null && !isUnknown(value);
    const wrong = (field: string, value: unknown, proposal: string) =>
        diagnostic("VF014", { field, value: quote(value), proposal }, field);
    const isName = typeof group === "string" && /\S/.test(group) && group.length <= 255;
    return [
        ...(given(group) && !isName ? [wrong("group", group, "It is a name of 1 to 255 characters.")] : []),
        ...(given(exclusive) && typeof exclusive !== "boolean"
            ? [wrong("exclusive", exclusive, "It is true or false.")]
            : []),
        ...(given(lockoutCheck) && lockoutCheck !== "on" && lockoutCheck !== "off"
            ? [wrong("lockoutCheck", lockoutCheck, 'It is "on" or "off".')]
            : []),
        ...(given(adopt) && !UUID.pattern.test(String(adopt)) ? [wrong("adopt", adopt, UUID.proposal)] : []),
        ...(given(url) && !URL.canParse(String(url)) ? [wrong("url", url, "It is an address: https://...")] : []),
    ];
}

function claimProblems(group: unknown, other: unknown): Diagnostic[] {
    if (typeof other !== "string" || isUnknown(other)) return [];
    return [diagnostic("VF023", { host: `security group ${quote(group)}`, other: quote(other) }, "group")];
}
