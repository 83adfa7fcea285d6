import type { Diagnostic } from "../../core/model/diagnostics";
import { diagnostic } from "../../core/model/diagnostics";
import {
    attachGroups,
    detachGroups,
    groupsOfInstance,
    type LeasewebAccount,
    type SecurityGroup,
    waitForInstance,
} from "../../targets/leaseweb";

/** Puts an instance into a group and waits until it is there. Answers the groups it is in then. */
export async function putInto(
    account: LeasewebAccount,
    instance: string,
    group: string,
): Promise<readonly SecurityGroup[]> {
    const before = await groupsOfInstance(account, instance);
    if (!before.some(({ id }) => id === group)) await attachGroups(account, instance, [group]);
    return waitForInstance(account, instance, { inside: [group], outside: [] });
}

/** Takes an instance out of groups, and waits until it is out. */
export async function takeOut(account: LeasewebAccount, instance: string, groups: readonly string[]): Promise<void> {
    const present = (await groupsOfInstance(account, instance)).map(({ id }) => id);
    const going = groups.filter((id) => present.includes(id));
    if (going.length === 0) return;
    await detachGroups(account, instance, going);
    await waitForInstance(account, instance, { inside: [], outside: going });
}

/** The other groups of an instance, as a warning; none where there is none. */
export function otherGroups(instance: string, groups: readonly SecurityGroup[], own: string): Diagnostic[] {
    const others = groups.filter(({ id }) => id !== own);
    if (others.length === 0) return [];
    return [diagnostic("VF326", { instance, groups: others.map(({ id, name }) => `${name} (${id})`).join(", ") })];
}
