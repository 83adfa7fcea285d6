import { type Constraint, oneValue } from "../../../analysis/constraints";
import type { ConditionLevels } from "../../../analysis/packetFields";
import type { Family } from "../../../model/addresses";
import type { Policy } from "../../../model/policy";
import { type Limit, limitUnits } from "../../../model/rule";
import { formatLimit, SECONDS } from "../../../model/ruleOptions";
import { HASHLIMIT_PARTS, LIMIT_PARTS, type Rate, readRate, settledRate } from "../rates";
import { numberOf } from "./numbers";
import type { Option } from "./readSave";

/**
 * A limit as rules of the model say it, `limit 10/second burst 5 per source`: one in all, or one for each source (IPv6: each
 * /64). Undefined where it is another. `options` are all those of its module.
 */
export function limitOf(
    options: readonly Option[],
    { family, conditions }: { readonly family: Family; readonly conditions: ConditionLevels },
): Constraint | undefined {
    const words = new Map(options.map(({ name, values }) => [name, values.join(" ")]));
    if (options.some(({ not }) => not) || words.size < options.length) return undefined;
    const rates = RATES.filter(([name]) => words.has(name));
    const [name, parts] = rates[0] ?? [];
    if (name === undefined || parts === undefined || rates.length > 1) return undefined;
    const rate = readRate(words.get(name)!);
    const settled = rate && settledRate(rate, parts);
    const burst = numberOf(words.get("--limit-burst") ?? words.get("--hashlimit-burst") ?? USUAL_BURST, 2 ** 32 - 1);
    const mode = words.get("--hashlimit-mode");
    if (!settled || burst === undefined || (mode !== undefined && mode !== "srcip")) return undefined;
    // Without a mode there is one bucket, whatever the mask.
    const mask = words.get("--hashlimit-srcmask");
    if (mask !== (mode !== undefined && family === 6 ? "64" : undefined)) return undefined;
    const text = formatLimit({ ...inModel(settled), burst, perSource: mode !== undefined });
    return oneValue(conditions(`limit ${text}`), name === ABOVE ? 0 : 1);
}

const ABOVE = "--hashlimit-above";
const RATES: readonly (readonly [option: string, parts: number])[] = [
    ["--limit", LIMIT_PARTS],
    ["--hashlimit-upto", HASHLIMIT_PARTS],
    [ABOVE, HASHLIMIT_PARTS],
];

/** The programs' own. */
const USUAL_BURST = "5";

/** The policy with its limits as the kernel holds them: what is listed of `60/minute` is `1/second`. */
export function withSettledLimits(policy: Policy): Policy {
    if (!policy.rules.some(({ rule }) => rule.limit)) return policy;
    const rules = policy.rules.map((keyed) => {
        const { rule } = keyed;
        return rule.limit ? { ...keyed, rule: { ...rule, limit: settledLimit(rule.limit) } } : keyed;
    });
    return { ...policy, rules };
}

function settledLimit(limit: Limit): Limit {
    const settled = settledRate({ count: limit.rate, seconds: SECONDS[limit.per] }, HASHLIMIT_PARTS);
    return settled ? { ...limit, ...inModel(settled) } : limit;
}

function inModel({ count, seconds }: Rate): Pick<Limit, "rate" | "per"> {
    return { rate: count, per: limitUnits.find((unit) => SECONDS[unit] === seconds)! };
}
