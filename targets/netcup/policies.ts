import { z } from "zod";
import * as answers from "./answers";
import { call } from "./call";
import type { CallOptions } from "./options";
import { allPages } from "./pages";
import { left } from "./panelError";
import type { Panel } from "./panel";
import { type ChangeOptions, waitForTask } from "./tasks";
import type { NetcupPolicy, NetcupPolicySave, NetcupPolicySummary } from "./types";
import { userIdOf } from "./user";

async function pathOf(panel: Panel, id?: number): Promise<string> {
    const policies = `/scp-core/api/v1/users/${await userIdOf(panel)}/firewall-policies`;
    return id === undefined ? policies : `${policies}/${id}`;
}

/** All policies of the account, without their rules. */
export async function listPolicies(
    panel: Panel,
    { search, ...options }: CallOptions & { readonly search?: string | undefined } = {},
): Promise<readonly NetcupPolicySummary[]> {
    const path = await pathOf(panel);
    return allPages(panel, { path, query: { q: search }, answer: answers.policySummary }, options.signal);
}

/** Those with exactly this name; the panel lets several have the same. */
export async function findPolicies(
    panel: Panel,
    name: string,
    options: CallOptions = {},
): Promise<readonly NetcupPolicySummary[]> {
    // Searched for here: what the panel's own search leaves out is not published.
    return (await listPolicies(panel, options)).filter((policy) => policy.name === name);
}

export async function getPolicy(panel: Panel, id: number, options: CallOptions = {}): Promise<NetcupPolicy> {
    const path = await pathOf(panel, id);
    return call(panel, { method: "GET", path, answer: answers.policy }, options.signal);
}

/**
 * Makes a policy; it filters nothing until an interface has it. Never repeated after a request without an answer, since
 * there could be two then: look for the name first.
 */
export function createPolicy(panel: Panel, policy: NetcupPolicySave, options: CallOptions = {}): Promise<NetcupPolicy> {
    return panel.change(async () => {
        const path = await pathOf(panel);
        const wanted = { method: "POST", path, body: policy, answer: answers.policy, repeatable: false } as const;
        return call(panel, wanted, options.signal);
    }, options.signal);
}

/**
 * Replaces name, description and all rules of a policy, and waits until every server that uses it has the new ones.
 *
 * @returns the policy as the panel holds it after that
 */
export function replacePolicy(
    panel: Panel,
    id: number,
    policy: NetcupPolicySave,
    options: ChangeOptions = {},
): Promise<NetcupPolicy> {
    return panel.change(async () => {
        const path = await pathOf(panel, id);
        const wanted = { method: "PUT", path, body: policy, answer: answers.policyUpdate } as const;
        const { taskInfo } = await call(panel, wanted, options.signal);
        await waitForTask(panel, answers.asTask(taskInfo), options);
        const read = { method: "GET", path, answer: answers.policy, leaves: left.done } as const;
        return call(panel, read, options.signal);
    }, options.signal);
}

/** Deletes a policy that no interface has any more. One that is gone after a try without an answer was deleted by it. */
export function deletePolicy(panel: Panel, id: number, options: CallOptions = {}): Promise<void> {
    return panel.change(async () => {
        const path = await pathOf(panel, id);
        const gone = new Error("gone");
        const wanted = {
            method: "DELETE",
            path,
            answer: z.unknown(),
            refusal: ({ status, unsure }: { status: number; unsure: boolean }) =>
                status === 404 && unsure ? gone : undefined,
        } as const;
        try {
            await call(panel, wanted, options.signal);
        } catch (error) {
            if (error !== gone) throw error;
        }
    }, options.signal);
}
