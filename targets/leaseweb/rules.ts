import { z } from "zod";
import { securityGroupContent, type SecurityGroupRule } from "../../core/dialects/leaseweb";
import { allPages, left } from "../http";
import { call, type LeasewebAccount } from "./account";
import type { GroupRule } from "./answers";
import * as answers from "./answers";
import { groupPath } from "./groups";
import type { CallOptions } from "./options";

/** All rules of a group, with ids where the API gives them. `leaves` as in a call. */
export function listRules(
    account: LeasewebAccount,
    group: string,
    { signal, leaves = left.unchanged }: CallOptions & { readonly leaves?: string } = {},
): Promise<readonly GroupRule[]> {
    const path = `${groupPath(group)}/firewallRules`;
    return allPages(
        async (page) => {
            const wanted = { method: "GET", path, query: page, answer: answers.rules, leaves } as const;
            return (await call(account, wanted, signal)).firewallRules ?? [];
        },
        // Without an id, two of the same content do the same.
        (rule) => rule.id ?? `${securityGroupContent(rule)} ${rule.state}`,
    );
}

/**
 * Adds rules; they hold some time after. Not repeated after a request without an answer, since they could be there twice then:
 * look first.
 */
export function authorizeRules(
    account: LeasewebAccount,
    group: string,
    rules: readonly SecurityGroupRule[],
    { signal }: CallOptions = {},
): Promise<unknown> {
    const path = `${groupPath(group)}/authorizeFirewallRules`;
    const body = { rules: rules.map(asSent) };
    return call(account, { method: "POST", path, body, answer: z.unknown(), repeatable: false }, signal);
}

/** What came of asking to take rules out. */
export type Revoked = "accepted" | "ids not known";

/** Takes rules out by their ids; they hold for some time after. The API may not know an id that is not documented. */
export async function revokeRules(
    account: LeasewebAccount,
    group: string,
    ids: readonly string[],
    { signal }: CallOptions = {},
): Promise<Revoked> {
    const unknown = new Error("not known");
    const refusal = ({ status }: { status: number }) =>
        status === 400 || status === 404 || status === 422 ? unknown : undefined;
    const path = `${groupPath(group)}/revokeFirewallRules`;
    const wanted = { method: "POST", path, body: { rules: ids }, answer: z.unknown(), refusal } as const;
    return call(account, wanted, signal).then(
        (): Revoked => "accepted",
        (error: unknown): Revoked => {
            if (error === unknown) return "ids not known";
            throw error;
        },
    );
}

/** Only the published fields, and of them those that the protocol has. */
function asSent({ protocol, startPort, endPort, icmpType, icmpCode, source }: SecurityGroupRule): SecurityGroupRule {
    return protocol === "ICMP"
        ? { protocol, icmpType: icmpType ?? -1, icmpCode: icmpCode ?? -1, source }
        : { protocol, startPort: startPort ?? 0, endPort: endPort ?? 65535, source };
}
