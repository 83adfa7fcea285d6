import { z } from "zod";
import type {
    ImplicitRule,
    NetcupFirewall,
    NetcupPolicy,
    NetcupPolicySummary,
    NetcupServer,
    NetcupTask,
    ShownRule,
    TaskState,
} from "./types";

// The answers of the panel. Fields that are not known are left out; null and missing are the same. Each is compared with
// the published document by test/targets/netcup/answers.test.ts.

const orNothing = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);
const text = orNothing(z.string());
const addresses = z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []);
const id = z.number().int();

export const rule = z.object({
    direction: z.enum(["INGRESS", "EGRESS"]),
    protocol: z.enum(["TCP", "UDP", "ICMP", "ICMPv6"]),
    action: z.enum(["ACCEPT", "DROP"]),
    description: text,
    sources: addresses,
    sourcePorts: text,
    destinations: addresses,
    destinationPorts: text,
    numberOfEffectiveRules: orNothing(z.number().int()),
}) satisfies z.ZodType<ShownRule>;

export const policySummary = z.object({
    id,
    name: z.string(),
    description: text,
}) satisfies z.ZodType<NetcupPolicySummary>;

export const policy = policySummary.extend({ rules: z.array(rule) }) satisfies z.ZodType<NetcupPolicy>;

const implicitRule = z.enum(["ACCEPT_ALL", "DROP_ALL"]) satisfies z.ZodType<ImplicitRule>;

export const firewall = z.object({
    copiedPolicies: z.array(policy),
    userPolicies: z.array(policy),
    ingressImplicitRule: implicitRule,
    egressImplicitRule: implicitRule,
    active: z.boolean(),
    consistent: orNothing(z.boolean()),
}) satisfies z.ZodType<NetcupFirewall>;

export const server = z.object({
    id,
    name: z.string(),
    hostname: text,
    nickname: text,
    disabled: orNothing(z.boolean()),
}) satisfies z.ZodType<NetcupServer>;

/** A server with its addresses; the live part is missing while its node does not answer. */
export const serverDetails = z.object({
    id,
    ipv4Addresses: z.array(z.object({ ip: z.string() })),
    ipv6Addresses: z.array(z.object({ networkPrefix: z.string(), networkPrefixLength: z.number().int() })),
    serverLiveInfo: orNothing(
        z.object({ interfaces: z.array(z.object({ mac: z.string(), vlanInterface: orNothing(z.boolean()) })) }),
    ),
});

export const networkInterface = z.object({
    mac: z.string(),
    ipv4Addresses: z.array(z.object({ ip: z.string() })),
    ipv6Addresses: z.array(z.object({ networkPrefix: z.string() })),
});

const taskState = z.enum([
    "PENDING",
    "RUNNING",
    "FINISHED",
    "ERROR",
    "WAITING_FOR_CANCEL",
    "CANCELED",
    "ROLLBACK",
]) satisfies z.ZodType<TaskState>;

export const task = z.object({
    uuid: z.string(),
    name: z.string(),
    state: taskState,
    taskProgress: orNothing(z.object({ progressInPercent: orNothing(z.number()) })),
    message: text,
    responseError: orNothing(z.object({ code: text, message: text })),
});

export const policyUpdate = z.object({ firewallPolicy: policy, taskInfo: task });

/** Not in the panel's document: the answers of its login, OpenID Connect. */
export const tokens = z.object({
    access_token: z.string().min(1),
    /** Seconds. */
    expires_in: z.number().positive(),
    refresh_token: orNothing(z.string().min(1)),
});

/** Recorded as digits in a string and as a number. */
export const userInfo = z.object({
    id: z.union([z.number().int(), z.string().regex(/^\d+$/).transform(Number)]),
});

/** A task in the words of `types.ts`. */
export function asTask(answer: z.infer<typeof task>): NetcupTask {
    const { taskProgress, ...rest } = answer;
    return { ...rest, progress: taskProgress?.progressInPercent };
}

/** What an error body may hold; none of it must be there. */
export const problem = z.object({
    code: text,
    message: text,
    error: text,
    error_description: text,
    errors: orNothing(z.array(z.object({ field: text, message: text }))),
});
