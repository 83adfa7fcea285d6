import { type Exposure, exposure } from "../../../core/analysis/exposure";
import { checkPolicy, type RawPolicy } from "../../../core/model/checkPolicy";
import type { Policy } from "../../../core/model/policy";

/** The policy of one template `web`, or of several in order, as users write them; input that is wrong throws. */
export function policyFrom(
    rules: Record<string, unknown> | RawPolicy["templates"],
    more: Partial<RawPolicy> = {},
): Policy {
    const templates = Array.isArray(rules) ? rules : [{ name: "web", rules: rules as Record<string, unknown> }];
    const { policy, problems } = checkPolicy({ templates, ...more });
    if (problems.length) throw new Error(problems.map(({ message }) => message).join("\n"));
    return policy;
}

export function exposureOf(...policy: Parameters<typeof policyFrom>): Exposure {
    return exposure(policyFrom(...policy));
}
