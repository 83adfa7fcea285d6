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
    /** Other groups of its own: one takes the place of another only where rules have no ids. */
    leftovers: readonly string[];
    /** By instance, ids of the groups that it was taken out of. */
    readonly replaced: Record<string, string[]>;
}

export interface Bringing {
    readonly account: LeasewebAccount;
    readonly progress: Progress;
    /** Of the resource: a group that is named by it is its own. */
    readonly id: string;
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
    await dropLeftovers(bringing, [...before, ...Object.keys(inputs.instances)]);
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
    await takeOut(account, instance, [progress.groupId, ...progress.leftovers]);
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
    bringing: Bringing,
    { group, instances }: GroupInputs,
    rows: readonly SecurityGroupRule[],
    before: readonly string[],
): Promise<void> {
    const { account, progress, say } = bringing;
    const fresh = await filledGroup(bringing, group, rows);
    const others = [progress.groupId, ...progress.leftovers].filter((id) => id !== fresh);
    for (const instance of new Set([...before, ...Object.keys(instances)])) {
        say(`instance ${instance} moves to group ${fresh}`);
        await putInto(account, instance, fresh);
        await takeOut(account, instance, others);
    }
    progress.groupId = fresh;
    progress.leftovers = others;
    await renameGroup(account, fresh, group);
}

/**
 * A group with the wanted rules: one that was begun earlier where that will do, else a new one. Those of which no answer came
 * are found by their name, which has the id of the resource in it.
 */
async function filledGroup(
    { account, progress, id }: Bringing,
    group: string,
    rows: readonly SecurityGroupRule[],
): Promise<string> {
    const name = `${group} (new, ${id.slice(0, 8)})`;
    const all = await listGroups(account);
    const lost = all.filter((own) => own.name === name && own.id !== progress.groupId).map((own) => own.id);
    const there = new Set(all.filter(({ state }) => state !== "FAILED").map((own) => own.id));
    progress.leftovers = [...new Set([...progress.leftovers, ...lost])];
    for (const begun of progress.leftovers.filter((own) => there.has(own))) {
        await waitForGroup(account, begun);
        if ((await syncRules(account, begun, rows)) === "done") return begun;
    }
    const fresh = (await createGroup(account, name)).id;
    progress.leftovers = [...progress.leftovers, fresh];
    await waitForGroup(account, fresh);
    await syncRules(account, fresh, rows);
    return fresh;
}

/** Of groups that stood beside each other one stays. */
async function dropLeftovers({ account, progress }: Bringing, instances: readonly string[]): Promise<void> {
    for (const other of progress.leftovers) {
        if (other !== progress.groupId && (await findGroup(account, other))) {
            for (const instance of new Set(instances)) {
                await putInto(account, instance, progress.groupId);
                await takeOut(account, instance, [other]);
            }
            await deleteGroup(account, other);
        }
        progress.leftovers = progress.leftovers.filter((id) => id !== other);
    }
}
