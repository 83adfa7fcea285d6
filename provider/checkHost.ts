import { createHash } from "node:crypto";
import { type Exposure, exposure } from "../core/analysis/exposure";
import { type Finding, type FindingOptions, findings, withSeverities } from "../core/analysis/findings/findings";
import { baseLine } from "../core/dialects/baseLine";
import { checkPolicy } from "../core/model/checkPolicy";
import { type Diagnostic, diagnostic, quote } from "../core/model/diagnostics";
import { NOT_KNOWN_YET } from "../core/model/formatRule";
import { parseAddressRange } from "../core/model/parseAddress";
import { policyOf, type StoredPolicy } from "../core/model/storedPolicy";
import { upstreamBlocks } from "../core/model/upstreamBlocks";
import { AT_BOOT } from "./bootState";
import { type HostInputs, type HostOptions, OPTION_NAMES } from "./hostInputs";
import {
    type CheckFailure,
    failureOf,
    isRecord,
    placesOf,
    policyFrom,
    type Raw,
    sortedKeys,
    unknownFields,
    withUnknownDefaults,
    wordOf,
} from "./rawPolicy";
import { proofOfRendered } from "./translation";
import { isUnknown, withUnknownsInWords } from "./unknowns";

const KNOWN_INPUTS = [
    "target",
    "credentials",
    "owner",
    "templates",
    "addressSets",
    "defaults",
    "enabled",
    ...OPTION_NAMES,
] as readonly string[];

/** Those whose networks block something. */
const HOSTERS = Object.keys(upstreamBlocks) as (keyof typeof upstreamBlocks)[];

/**
 * Turns raw inputs into what the state keeps, or says what is wrong with each. Pure: it reads and asks nothing.
 * Unknown values pass: inside a rule's line they read `(not known yet)`, elsewhere they stay unknown.
 */
export function checkHost(raw: Raw, today?: string): CheckedHost {
    const { templates, addressSets, defaults, sameTargetAs, ...others } = raw;
    // These only mark what is made here as secret, by their names.
    const { rules, exposure: _e, sets: _s, __sets: _l, ...rest } = others;
    const port = isRecord(rest.target) ? rest.target["port"] : undefined;
    const analysed = analyse(
        { templates, sets: addressSets, defaults, enabled: rest.enabled },
        { port, today, hoster: rest.hoster, backend: rest.backend },
    );
    const problems = [
        ...unknownFields(rest, KNOWN_INPUTS),
        ...checkTarget(rest.target, sameTargetAs),
        ...checkOptions(rest),
        // A switch may be on with nothing to allow: that says so itself (VF311).
        ...(Array.isArray(templates) && templates.length === 0 && rest.enabled === undefined
            ? [diagnostic("VF032", {}, "templates")]
            : []),
        ...analysed.problems,
    ];
    const inputs: HostInputs = {
        ...(rest as unknown as HostInputs),
        ...analysed.stored,
        exposure: analysed.exposure,
        base: baseLine,
        boot: AT_BOOT,
        rulesFormat: 1,
    };
    const places = placesOf(templates);
    const found = rules === undefined || rules === null ? analysed.findings : analysed.findings.map(withoutWords);
    return {
        inputs: withUnknownSwitch(withUnknownDefaults(inputs, defaults)),
        failures: [
            ...problems.map((problem) => failureOf(problem, places)),
            ...found
                .filter(({ severity }) => severity === "error")
                .map(({ message }) => ({ property: "templates", reason: message })),
        ],
        findings: found,
    };
}

/** A template that holds a secret has findings too; an example packet could tell it. */
export function withoutWords({ witness: _, ...finding }: Finding): Finding {
    const message = `${finding.code} ${finding.rule}: the template holds a secret, so no more is said (docs/errors.md)`;
    return { ...finding, message };
}

export interface CheckedHost {
    readonly inputs: HostInputs;
    readonly failures: CheckFailure[];
    /** What a reader of the rules should know; those that are errors are failures too. */
    readonly findings: readonly Finding[];
}

interface Analysed {
    readonly stored: StoredPolicy;
    readonly exposure: Exposure;
    readonly findings: readonly Finding[];
    readonly problems: readonly Diagnostic[];
}

/** What findings depend on besides the rules. */
interface Around {
    readonly port: unknown;
    readonly today: string | undefined;
    readonly hoster: unknown;
    readonly backend: unknown;
}

/** The last results, by digest of what they were made from: 100 hosts with one template are analysed once. */
const memory = new Map<string, Analysed>();
const MOST_REMEMBERED = 32;

function analyse(raw: Raw, around: Around): Analysed {
    const words = withUnknownsInWords(raw) as Raw;
    const digest = createHash("sha256")
        .update(JSON.stringify(sortedKeys({ ...words, around })))
        .digest("hex");
    const remembered = memory.get(digest);
    if (remembered) return remembered;
    const { stored, policy, findingSettings, problems } = checkPolicy(policyFrom(words));
    const unsure = Object.values(isRecord(words.defaults) ? words.defaults : {}).includes(NOT_KNOWN_YET);
    // First, whatever else is asked: how much of it can be analysed must not depend on that.
    const enforced = words.enabled === "off" ? policyOf({ ...stored, enabled: "off" }) : policy;
    const traffic = exposure(enforced);
    // Input that is refused is not worth a word on its meaning.
    const found = problems.length > 0 || unsure ? [] : findings(policy, findingOptions(around));
    const proof =
        problems.length > 0 ? {} : proofOfRendered(enforced, around.backend === "iptables" ? "iptables" : "nftables");
    const analysed = {
        stored,
        exposure: traffic,
        findings: withSeverities([...found, ...(proof.finding ? [proof.finding] : [])], findingSettings),
        problems: proof.problem ? [proof.problem] : problems,
    };
    memory.set(digest, analysed);
    const [oldest] = memory.keys();
    if (memory.size > MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest);
    return analysed;
}

function findingOptions({ port, today, hoster }: Around): FindingOptions {
    const provider = HOSTERS.find((name) => name === hoster);
    return {
        base: baseLine,
        ...(provider && { provider }),
        ...(today !== undefined && { today }),
        ...(Number.isInteger(port) && { managementPorts: [Number(port)] }),
    };
}

/** While nobody knows whether the rules hold, nobody knows what passes. */
function withUnknownSwitch(inputs: HostInputs): HostInputs {
    if (!isUnknown(inputs.enabled)) return inputs;
    return { ...inputs, exposure: { "ingress any": NOT_KNOWN_YET, "egress any": NOT_KNOWN_YET } };
}

function checkTarget(target: unknown, sameTargetAs: unknown): Diagnostic[] {
    const { host, proxy } = isRecord(target) ? target : {};
    if (isUnknown(host)) return [];
    const problems: Diagnostic[] = [];
    if (host === undefined || host === "")
        problems.push(diagnostic("VF010", { field: "connection.host", meaning: "nothing" }, "target"));
    if (isRecord(proxy) && (proxy["host"] === undefined || proxy["host"] === ""))
        problems.push(diagnostic("VF010", { field: "connection.proxy.host", meaning: "nothing" }, "target"));
    if (typeof sameTargetAs === "string" && !isUnknown(sameTargetAs))
        problems.push(diagnostic("VF023", { host: quote(host), other: quote(sameTargetAs) }, "target"));
    return problems;
}

/** Options that are one of a few words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
    enabled: ["on", "off"],
    lockoutCheck: ["on", "off"],
    onUnreachable: ["error", "forget"],
    hoster: HOSTERS,
    backend: ["nftables", "iptables"],
    containers: ["filter", "leave"],
};

function checkOptions(rest: Raw): Diagnostic[] {
    const { confirmSeconds, managementSources, takeover } = rest as { [Key in keyof HostOptions]: unknown };
    const problems: Diagnostic[] = [];
    const given = (value: unknown) => value !== undefined && value !== null && !isUnknown(value);
    if (given(confirmSeconds) && !isConfirmSeconds(confirmSeconds))
        problems.push(diagnostic("VF026", { value: quote(confirmSeconds) }, "confirmSeconds"));
    for (const [field, words] of Object.entries(WORDS)) {
        const value = rest[field];
        if (!given(value) || words.includes(wordOf(value))) continue;
        const proposal = `It is ${words.map(quote).join(" or ")}.`;
        problems.push(diagnostic("VF014", { field, value: quote(value), proposal }, field));
    }
    if (given(takeover) && typeof takeover !== "boolean") {
        const proposal = "It is true or false.";
        problems.push(diagnostic("VF014", { field: "takeover", value: quote(takeover), proposal }, "takeover"));
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
        const parsed = parseAddressRange(wordOf(item), `managementSources[${index}]`);
        return "problem" in parsed ? [parsed.problem] : [];
    });
}
