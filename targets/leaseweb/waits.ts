import { FirewallError } from "../../core/model/diagnostics";
import { left, pause } from "../http";
import { type LeasewebAccount, leasewebError } from "./account";
import type { GroupRule, SecurityGroup } from "./answers";
import { findGroup, groupsOfInstance } from "./groups";
import type { CallOptions } from "./options";
import { listRules } from "./rules";

/** Waits until a group has taken all changes. @throws FirewallError VF324 (FAILED, or gone), VF325 */
export function waitForGroup(account: LeasewebAccount, id: string, options: CallOptions = {}): Promise<SecurityGroup> {
    const what = `security group ${id}`;
    return until(account, what, options, async () => {
        const group = await findGroup(account, id, { ...options, leaves: left.unknown });
        if (!group || group.state === "FAILED") throw leasewebError("VF324", { what, left: left.unknown });
        return group.state === "ACTIVE" ? group : undefined;
    });
}

/** Waits until no rule of a group is on its way in or out, and the group itself is settled. Rules may have FAILED. @throws FirewallError VF325 */
export async function waitForRules(
    account: LeasewebAccount,
    id: string,
    options: CallOptions = {},
): Promise<readonly GroupRule[]> {
    await waitForGroup(account, id, options);
    return until(account, `the rules of security group ${id}`, options, async () => {
        const rules = await listRules(account, id, { ...options, leaves: left.unknown });
        return rules.some(({ state }) => state === "CREATING" || state === "DELETING") ? undefined : rules;
    });
}

/** Waits until an instance is in these groups and in none of those. */
export function waitForInstance(
    account: LeasewebAccount,
    instance: string,
    { inside, outside }: { readonly inside: readonly string[]; readonly outside: readonly string[] },
    options: CallOptions = {},
): Promise<readonly SecurityGroup[]> {
    return until(account, `instance ${instance}`, options, async () => {
        const groups = await groupsOfInstance(account, instance, { ...options, leaves: left.unknown });
        const has = (id: string) => groups.some((group) => group.id === id && group.state === "ACTIVE");
        const isSettled = inside.every(has) && !groups.some(({ id }) => outside.includes(id));
        return isSettled ? groups : undefined;
    });
}

async function until<T>(
    { timing }: LeasewebAccount,
    what: string,
    { signal }: CallOptions,
    look: () => Promise<T | undefined>,
): Promise<T> {
    const givenUp = (reason: string) => leasewebError("VF325", { what, reason, left: left.unknown });
    for (const began = Date.now(); ;) {
        const found = await look().catch((error: unknown) => {
            if (error instanceof FirewallError && error.code !== "VF324" && !signal?.aborted)
                throw givenUp(`it can't be looked at any more: ${error.message}`);
            if (signal?.aborted) throw givenUp("the operation was cancelled");
            throw error;
        });
        if (found !== undefined) return found;
        if (Date.now() + timing.pollInterval - began > timing.stateTimeout)
            throw givenUp(`it took more than ${timing.stateTimeout / 1000} s`);
        await pause(timing.pollInterval, signal).catch(() => {
            throw givenUp("the operation was cancelled");
        });
    }
}
