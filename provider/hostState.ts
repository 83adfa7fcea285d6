import { isDeepStrictEqual } from "node:util";
import { type Exposure, exposure } from "../core/analysis/exposure";
import type { Reading } from "../core/dialects/dialect";
import { referenceTo } from "../core/model/addressSets";
import { formatRule } from "../core/model/formatRule";
import { parseRule } from "../core/model/parseRule";
import type { NamedSet } from "../core/model/policy";
import type { Addresses, Rule } from "../core/model/rule";
import { policyOf, storePolicy, type StoredPolicy, UNFILTERED } from "../core/model/storedPolicy";

/** The part of the state that is read from a host. */
export interface LiveState extends StoredPolicy {
    readonly exposure: Exposure;
    readonly base: string;
}

/** What a host that runs nothing of ours lets through: everything. */
export const UNMANAGED: LiveState = {
    rules: {},
    exposure: { "ingress any": "anywhere", "egress any": "anywhere" },
    defaults: { ingress: "accept", egress: "accept" },
    base: "nothing is filtered",
};

/**
 * What a host runs, in the form of the state, so that a diff names the rules that differ.
 * `expected` is what was last confirmed there: it says what a listing can't (priorities, disabled rules, the order of templates).
 */
export function liveState(reading: Reading, expected: StoredPolicy | undefined): LiveState {
    if (expected?.enabled === "off") return waitingState(reading, expected);
    const { sets, defaults, base } = reading;
    const rules = { ...ourLines(reading, expected), ...unmanagedLines(reading) };
    const { sets: storedSets, __sets } = storePolicy({ rules: [], sets, defaults }, []);
    const order = orderLine(reading, expected);
    return {
        rules,
        ...(storedSets && { sets: storedSets }),
        ...(__sets && { __sets }),
        ...(expected?.templates !== undefined && { templates: expected.templates }),
        ...(order !== undefined && { order }),
        ...(expected?.enabled && { enabled: expected.enabled }),
        defaults,
        base,
        exposure: liveExposure(reading),
    };
}

/** Rules that wait leave no trace on a host, and neither do their defaults: what is there besides is shown. */
function waitingState(reading: Reading, expected: StoredPolicy): LiveState {
    const { base, defaults } = reading;
    const { rules, sets, __sets, templates, order, enabled } = expected;
    return {
        rules: { ...rules, ...unmanagedLines(reading) },
        ...(sets && { sets }),
        ...(__sets && { __sets }),
        ...(templates !== undefined && { templates }),
        ...(order !== undefined && { order }),
        ...(enabled && { enabled }),
        defaults: isDeepStrictEqual(defaults, UNFILTERED) ? expected.defaults : defaults,
        base,
        exposure: liveExposure(reading),
    };
}

function ourLines({ rules, sets }: Reading, expected: StoredPolicy | undefined): Record<string, string> {
    const lines = new Map<string, string>();
    for (const [key, line] of Object.entries(expected?.rules ?? {})) {
        const parsed = parseRule(line);
        // A disabled rule leaves no trace on a host.
        if ("rule" in parsed && !parsed.rule.enabled) lines.set(key, line);
    }
    for (const [key, live] of rules) {
        const wanted = expected?.rules[key];
        const parsed = wanted === undefined ? undefined : parseRule(wanted);
        const priority = parsed && "rule" in parsed ? parsed.rule.priority : live.priority;
        lines.set(key, formatRule(withReferences({ ...live, priority }, sets)));
    }
    return Object.fromEntries([...lines].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function unmanagedLines({ unmanaged }: Reading): Record<string, string> {
    return Object.fromEntries(unmanaged.map(({ key, line }) => [key, line]));
}

/** References to sets with the count and digest of what the sets hold now. */
function withReferences(rule: Rule, sets: readonly NamedSet[]): Rule {
    const resolve = (addresses: Addresses): Addresses =>
        addresses.kind === "anywhere"
            ? addresses
            : {
                  ...addresses,
                  sets: addresses.sets.map((reference) => {
                      const set = sets.find(({ name }) => name === reference.name);
                      return set ? referenceTo(set) : reference;
                  }),
              };
    return {
        ...rule,
        from: { ...rule.from, addresses: resolve(rule.from.addresses) },
        to: { ...rule.to, addresses: resolve(rule.to.addresses) },
    };
}

/** The stored line of the order, or the order itself where somebody changed it by hand. */
function orderLine({ rules }: Reading, expected: StoredPolicy | undefined): string | undefined {
    if (!expected) return undefined;
    const wanted = policyOf(expected).rules;
    const keysOf = (direction: string) =>
        wanted.filter(({ key, rule }) => rule.direction === direction && rules.has(key)).map(({ key }) => key);
    const wantedKeys = [...keysOf("ingress"), ...keysOf("egress")];
    const liveKeys = [...rules.keys()].filter((key) => wantedKeys.includes(key));
    if (liveKeys.every((key, i) => key === wantedKeys[i])) return expected.order;
    return `(changed by hand) ${liveKeys.join(", ")}`;
}

function liveExposure({ effective: rules, sets, defaults, exposure: bounds }: Reading): Exposure {
    return bounds ?? exposure({ rules, sets, defaults });
}
