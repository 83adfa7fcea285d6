import { z } from "zod";
import type { SecurityGroupRule } from "../../core/dialects/leaseweb";

// The answers of the API. Fields that are not known are left out. Each is compared with the published document by
// test/targets/leaseweb/answers.test.ts.

const number = z
    .number()
    .int()
    .nullish()
    .transform((value) => value ?? null);

export const group = z.object({
    id: z.string().min(1),
    name: z.string(),
    default: z.boolean(),
    state: z.enum(["CREATING", "ACTIVE", "FAILED", "SYNCING"]),
});

export type SecurityGroup = z.infer<typeof group>;

/** What of a rule is published. */
export const rule = z.object({
    protocol: z.enum(["TCP", "UDP", "ICMP"]),
    startPort: number,
    endPort: number,
    icmpType: number,
    icmpCode: number,
    source: z.string(),
    state: z.enum(["CREATING", "ACTIVE", "FAILED", "DELETING"]),
});

/** A rule as a group has it. */
export interface GroupRule extends SecurityGroupRule {
    readonly state: "CREATING" | "ACTIVE" | "FAILED" | "DELETING";
    /** Revoking asks for it, and the published document lacks it: there if the answer has it all the same. */
    readonly id?: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The names that an undocumented id may have. */
const ID_NAMES = ["id", "ruleId", "firewallRuleId", "uuid"];

export const ruleWithId = z.looseObject(rule.shape).transform((answer): GroupRule => {
    const fields = answer as Readonly<Record<string, unknown>>;
    const id = ID_NAMES.map((name) => fields[name]).find((value) => typeof value === "string" && UUID.test(value));
    return { ...rule.parse(answer), ...(id !== undefined && { id: id as string }) };
});

const metadata = z.object({ totalCount: z.number().int(), limit: z.number().int(), offset: z.number().int() });

export const groups = z.object({ securityGroups: z.array(group), _metadata: metadata });

/** Neither of both is required there, and a list without rules may come without one. */
export const rules = z.object({ firewallRules: z.array(ruleWithId).optional(), _metadata: metadata.optional() });

const text = z
    .string()
    .nullish()
    .transform((value) => value ?? undefined);

/** What an error body may hold; none of it must be there. The last two stand in an introduction only. */
export const problem = z.object({
    errorCode: text,
    errorMessage: text,
    correlationId: text,
    errorDetails: z.record(z.string(), z.array(z.string())).nullish().catch(undefined),
    userMessage: text,
    reference: text,
});
