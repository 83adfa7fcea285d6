import { securityGroupChanges, securityGroupContent, type SecurityGroupRule } from "../../core/dialects/leaseweb";
import { FirewallError } from "../../core/model/diagnostics";
import {
    authorizeRules,
    type GroupRule,
    type LeasewebAccount,
    leasewebError,
    listRules,
    revokeRules,
    waitForRules,
} from "../../targets/leaseweb";
import { left } from "../../targets/http";

/** How often rules are looked at again after a request without an answer. */
const MOST_ROUNDS = 4;

type Synced = "done" | "ids needed";

/**
 * Makes the rules of a group the wanted ones: all that are missing are added and waited for, only then are the others taken
 * out. So at no moment less is allowed than before and after both allow, nor more than either allows. Nothing is changed
 * where rules must go out and have no ids.
 *
 * @throws FirewallError VF324 for a rule that Leaseweb could not carry out
 */
export async function syncRules(
    account: LeasewebAccount,
    group: string,
    wanted: readonly SecurityGroupRule[],
): Promise<Synced> {
    const first = await settled(account, group);
    if (excess(first, wanted).some(({ id }) => id === undefined)) return "ids needed";
    // They allow nothing, and would stand in the way of the same rule.
    if ((await revoke(account, group, first.filter(hasFailed))) === "ids needed") return "ids needed";
    await addMissing(account, group, wanted);
    // Looked at once more: a second writer may have changed something.
    return revoke(account, group, excess(await settled(account, group), wanted));
}

const hasFailed = ({ state }: GroupRule) => state === "FAILED";

/** What must go out. */
function excess(rules: readonly GroupRule[], wanted: readonly SecurityGroupRule[]): readonly GroupRule[] {
    const { remove } = securityGroupChanges(
        rules.filter((rule) => !hasFailed(rule)),
        wanted,
    );
    return [...remove, ...rules.filter(hasFailed)];
}

async function revoke(account: LeasewebAccount, group: string, rules: readonly GroupRule[]): Promise<Synced> {
    if (rules.length === 0) return "done";
    const ids = rules.flatMap(({ id }) => (id === undefined ? [] : [id]));
    if (ids.length < rules.length) return "ids needed";
    if ((await revokeRules(account, group, ids)) === "accepted") {
        await waitForRules(account, group);
        return "done";
    }
    // A try before it may have taken them out, or somebody else has.
    const after = await settled(account, group);
    return after.some(({ id }) => id !== undefined && ids.includes(id)) ? "ids needed" : "done";
}

/** Adds what is missing. A request without an answer is not repeated blindly: what it did is looked at. */
async function addMissing(
    account: LeasewebAccount,
    group: string,
    wanted: readonly SecurityGroupRule[],
): Promise<void> {
    for (let round = 1; ; round++) {
        const rules = await settled(account, group);
        const { add } = securityGroupChanges(
            rules.filter((rule) => !hasFailed(rule)),
            wanted,
        );
        if (add.length === 0) return;
        const contents = new Set(add.map(securityGroupContent));
        const failed = rules.find((rule) => hasFailed(rule) && contents.has(securityGroupContent(rule)));
        const what = `a rule (${failed && securityGroupContent(failed)}) of security group ${group}`;
        if (failed) throw leasewebError("VF324", { what, left: left.unknown });
        try {
            await authorizeRules(account, group, add);
        } catch (error) {
            const isSilent = error instanceof FirewallError && error.code === "VF320";
            if (!isSilent || round >= MOST_ROUNDS) throw error;
        }
    }
}

/** The rules of a group, once none is on its way. */
async function settled(account: LeasewebAccount, group: string): Promise<readonly GroupRule[]> {
    const rules = await listRules(account, group);
    const isSettled = rules.every(({ state }) => state === "ACTIVE" || state === "FAILED");
    return isSettled ? rules : waitForRules(account, group);
}
