import { createHash } from "node:crypto";
import { type Exposure, exposure } from "../core/analysis/exposure";
import { nftables } from "../core/dialects/nftables";
import { checkPolicy, type RawPolicy } from "../core/model/checkPolicy";
import { type Diagnostic, diagnostic, quote } from "../core/model/diagnostics";
import { propose } from "../core/model/nearest";
import { parseAddressRange } from "../core/model/parseAddress";
import type { StoredPolicy } from "../core/model/storedPolicy";
import type { HostInputs, HostOptions } from "./hostInputs";
import { isUnknown, withUnknownsInWords } from "./unknowns";

/** A problem as the engine reports it: the input it blames and the whole message. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

const KNOWN_INPUTS = [
    "target",
    "credentials",
    "owner",
    "templates",
    "addressSets",
    "defaults",
    "managementSources",
    "lockoutCheck",
    "confirmSeconds",
    "adopt",
];

type Raw = Readonly<Record<string, unknown>>;

/**
 * Turns raw inputs into what the state keeps, or says what is wrong with each. Pure: it reads and asks nothing.
 * Unknown values pass: inside a rule's line they read `(not known yet)`, elsewhere they stay unknown.
 */
export function checkHost(raw: Raw): { inputs: HostInputs; failures: CheckFailure[] } {
    const { templates, addressSets, defaults, sameTargetAs, ...others } = raw;
    // These only mark what is made here as secret, by their names.
    const { rules: _r, exposure: _e, sets: _s, __sets: _l, ...rest } = others;
    const analysed = analyse({ templates, sets: addressSets, defaults });
    const problems = [
        ...unknownFields(rest),
        ...checkTarget(rest.target, sameTargetAs),
        ...checkOptions(rest),
        ...analysed.problems,
    ];
    const inputs = {
        ...(rest as unknown as HostInputs),
        ...analysed.stored,
        exposure: analysed.exposure,
        base: nftables.baseLine,
        rulesFormat: 1,
    } as const;
    const names = templateNames(templates);
    return { inputs, failures: problems.map((problem) => failureOf(problem, names)) };
}

interface Analysed {
    readonly stored: StoredPolicy;
    readonly exposure: Exposure;
    readonly problems: readonly Diagnostic[];
}

/** The last results, by digest of what they were made from: 100 hosts with one template are analysed once. */
const memory = new Map<string, Analysed>();
const MOST_REMEMBERED = 32;

function analyse(raw: Raw): Analysed {
    const words = withUnknownsInWords(raw) as Raw;
    const digest = createHash("sha256")
        .update(JSON.stringify(sortedKeys(words)))
        .digest("hex");
    const remembered = memory.get(digest);
    if (remembered) return remembered;
    const { stored, policy, problems } = checkPolicy(policyFrom(words));
    const analysed = { stored, exposure: exposure(policy), problems };
    memory.set(digest, analysed);
    const [oldest] = memory.keys();
    if (memory.size > MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest);
    return analysed;
}

/** The engine keeps no order of keys, and neither may a digest. */
function sortedKeys(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(sortedKeys);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, item]) => [key, sortedKeys(item)]));
}

function policyFrom({ templates, sets, defaults }: Raw): RawPolicy {
    return {
        templates: Array.isArray(templates) ? templates.map(templateFrom) : [],
        sets: isRecord(sets) ? sets : {},
        defaults: isRecord(defaults) ? defaults : {},
    };
}

function templateFrom(template: unknown): RawPolicy["templates"][number] {
    const { name, rules } = isRecord(template) ? template : {};
    return { name: String(name), rules: isRecord(rules) ? rules : {} };
}

function templateNames(templates: unknown): string[] {
    return Array.isArray(templates) ? templates.map((template) => templateFrom(template).name) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownFields(rest: Raw): Diagnostic[] {
    return Object.keys(rest)
        .filter((key) => !KNOWN_INPUTS.includes(key) && !key.startsWith("__"))
        .map((key) => {
            const proposal = propose(key, KNOWN_INPUTS, `Fields are ${KNOWN_INPUTS.join(", ")}.`);
            return diagnostic("VF009", { value: quote(key), proposal }, key);
        });
}

function checkTarget(target: unknown, sameTargetAs: unknown): Diagnostic[] {
    const { host, proxy } = isRecord(target) ? target : {};
    if (isUnknown(host)) return [];
    const problems: Diagnostic[] = [];
    if (host === undefined || host === "")
        problems.push(diagnostic("VF010", { field: "connection.host", meaning: "nothing" }, "target"));
    if (proxy === true) problems.push(diagnostic("VF149", { host: quote(host) }, "target"));
    if (typeof sameTargetAs === "string" && !isUnknown(sameTargetAs))
        problems.push(diagnostic("VF023", { host: quote(host), other: quote(sameTargetAs) }, "target"));
    return problems;
}

function checkOptions(rest: Raw): Diagnostic[] {
    const { confirmSeconds, lockoutCheck, managementSources } = rest as { [Key in keyof HostOptions]: unknown };
    const problems: Diagnostic[] = [];
    const given = (value: unknown) => value !== undefined && value !== null && !isUnknown(value);
    if (given(confirmSeconds) && !isConfirmSeconds(confirmSeconds))
        problems.push(diagnostic("VF026", { value: quote(confirmSeconds) }, "confirmSeconds"));
    if (given(lockoutCheck) && lockoutCheck !== "on" && lockoutCheck !== "off") {
        const problem = { field: "lockoutCheck", value: quote(lockoutCheck), proposal: 'It is "on" or "off".' };
        problems.push(diagnostic("VF014", problem, "lockoutCheck"));
    }
    if (given(managementSources)) problems.push(...checkManagementSources(managementSources));
    return problems;
}

function isConfirmSeconds(value: unknown): boolean {
    return Number.isInteger(value) && Number(value) >= 5 && Number(value) <= 600;
}

function checkManagementSources(sources: unknown): Diagnostic[] {
    const items: unknown[] = Array.isArray(sources) ? sources : [sources];
    if (items.length === 0 || items.some((item) => item === "" || item === null))
        return [diagnostic("VF010", { field: "managementSources", meaning: "none" }, "managementSources")];
    return items.flatMap((item, index) => {
        if (isUnknown(item)) return [];
        const parsed = parseAddressRange(String(item), `managementSources[${index}]`);
        return "problem" in parsed ? [parsed.problem] : [];
    });
}

/** Names the rule and the field in front of the text, as a reader of the program knows them: `web/ssh from`. */
function failureOf({ message, code, property = "" }: Diagnostic, templates: readonly string[]): CheckFailure {
    const found = /^templates\[(\d+)\](?:\.rules\.(.+?))?(?:\.([a-zA-Z]+))?$/.exec(property);
    const template = templates[Number(found?.[1])];
    const rule = found?.[2] === undefined ? "" : `/${found[2]}`;
    const field = found?.[3] === undefined ? "" : ` ${found[3]}`;
    const where = found ? `${template}${rule}${field}` : property;
    return {
        property: property || "templates",
        reason: message.replace(code, `${code} ${quote(where).slice(1, -1)}:`),
    };
}
