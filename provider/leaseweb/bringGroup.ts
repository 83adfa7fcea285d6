import type { SecurityGroupRule } from "../../core/dialects/leaseweb";
import { type Diagnostic, diagnostic } from "../../core/model/diagnostics";
import {
    attachGroups,
    createGroup,
    deleteGroup,
    findGroup,
    type LeasewebAccount,
    listGroups,
    renameGroup,
    waitForGroup,
    waitForInstance,
} from "../../targets/leaseweb";
import type { GroupInputs } from "./groupInputs";
import { otherGroups, putInto, takeOut } from "./placeInstances";
import { syncRules } from "./syncRules";

/** How far an operation has come; a failure leaves in the state what stands here. */
export interface Progress {
    groupId: string;
    /** A group that is to take the place of the other. */
    successor?: string | undefined;
    /** By instance, ids of the groups that it was taken out of. */
    readonly replaced: Record<string, string[]>;
}

export interface Bringing {
    readonly account: LeasewebAccount;
    readonly progress: Progress;
    readonly say: (text: string) => void;
    readonly tell: (diagnostic: Diagnostic) => void;
}

/** First the rules, then who is in the group: an instance is never in a group that is half filled. */
export async function bringGroup(
    bringing: Bringing,
    inputs: GroupInputs,
    rows: readonly SecurityGroupRule[],
    /** Instances that are in the group now. */
    before: readonly string[],
): Promise<void> {
    const { account, progress, say, tell } = bringing;
    await waitForGroup(account, progress.groupId);
    say("its rules are brought in");
    if ((await syncRules(account, progress.groupId, rows)) === "ids needed") {
        tell(diagnostic("VF328", { name: inputs.group }));
        await replaceGroup(bringing, inputs, rows, before);
    }
    await dropSuccessor(bringing, [...before, ...Object.keys(inputs.instances)]);
    for (const instance of Object.keys(inputs.instances)) {
        say(`instance ${instance} is put into it`);
        const groups = await putInto(account, instance, progress.groupId);
        if (inputs.exclusive)
            await leaveOthers(
                bringing,
                instance,
                groups.map(({ id }) => id),
            );
        else for (const note of otherGroups(instance, groups, progress.groupId)) tell(note);
    }
    for (const instance of before.filter((id) => !(id in inputs.instances))) await leave(bringing, instance);
}

/** An instance that is no longer meant: back into what it was taken out of, then out of the group. */
export async function leave({ account, progress }: Bringing, instance: string): Promise<void> {
    const back = progress.replaced[instance] ?? [];
    if (back.length > 0) {
        // Groups that are gone meanwhile are not missed.
        const there = new Set((await listGroups(account)).map(({ id }) => id));
        const inside = back.filter((id) => there.has(id));
        if (inside.length > 0) {
            await attachGroups(account, instance, inside);
            await waitForInstance(account, instance, { inside, outside: [] });
        }
    }
    await takeOut(account, instance, [progress.groupId, ...(progress.successor ? [progress.successor] : [])]);
    delete progress.replaced[instance];
}

async function leaveOthers({ account, progress }: Bringing, instance: string, groups: readonly string[]) {
    const others = groups.filter((id) => id !== progress.groupId);
    if (others.length === 0) return;
    // Said before it is done: a destroy may put back too much, never too little.
    progress.replaced[instance] = [...new Set([...(progress.replaced[instance] ?? []), ...others])];
    await takeOut(account, instance, others);
}

/** A new group with the wanted rules in the place of one whose rules can't be taken out. */
async function replaceGroup(
    { account, progress, say }: Bringing,
    { group, instances }: GroupInputs,
    rows: readonly SecurityGroupRule[],
    before: readonly string[],
): Promise<void> {
    const former = progress.groupId;
    // One that was begun earlier is filled to its end, unless it too has rules that must go out.
    let fresh = progress.successor;
    if (fresh === undefined || !(await findGroup(account, fresh))) fresh = await newSuccessor(account, progress, group);
    if ((await syncRules(account, fresh, rows)) === "ids needed") {
        const older = fresh;
        for (const instance of before) await takeOut(account, instance, [older]);
        await deleteGroup(account, older);
        fresh = await newSuccessor(account, progress, group);
        await syncRules(account, fresh, rows);
    }
    for (const instance of [...new Set([...before, ...Object.keys(instances)])]) {
        say(`instance ${instance} moves to group ${fresh}`);
        await putInto(account, instance, fresh);
        await takeOut(account, instance, [former]);
    }
    progress.groupId = fresh;
    progress.successor = former;
    await renameGroup(account, fresh, group);
}

async function newSuccessor(account: LeasewebAccount, progress: Progress, group: string): Promise<string> {
    const { id } = await createGroup(account, `${group} (new)`);
    progress.successor = id;
    await waitForGroup(account, id);
    return id;
}

/** The other one of two groups that stood beside each other goes. */
async function dropSuccessor({ account, progress }: Bringing, instances: readonly string[]): Promise<void> {
    const { successor, groupId } = progress;
    if (successor === undefined) return;
    if (successor !== groupId && (await findGroup(account, successor))) {
        for (const instance of new Set(instances)) {
            await putInto(account, instance, groupId);
            await takeOut(account, instance, [successor]);
        }
        await deleteGroup(account, successor);
    }
    progress.successor = undefined;
}
