import { randomUUID } from "node:crypto";
import { renderKeyedGroup, type SecurityGroupRule } from "../../core/dialects/leaseweb";
import { type Diagnostic, fail, FirewallError } from "../../core/model/diagnostics";
import { notKnownYet, policyOf } from "../../core/model/storedPolicy";
import {
    createGroup,
    deleteGroup,
    findGroup,
    type LeasewebAccount,
    listGroups,
    renameGroup,
} from "../../targets/leaseweb";
import { PartialFailure } from "../partialFailure";
import type { PanelSurroundings } from "../panels/dynamicPanel";
import { findingMessages } from "../tellFindings";
import { type Bringing, bringGroup, leave, type Progress } from "./bringGroup";
import { checkGroup } from "./checkGroup";
import type { GroupInputs, GroupOutputs } from "./groupInputs";
import { lookAtGroup } from "./lookAtGroup";
import { otherGroups } from "./placeInstances";

/** What surrounds the provider: the account of a resource, and who reads messages. */
export interface GroupSurroundings extends PanelSurroundings {
    readonly account: (inputs: Pick<GroupInputs, "url" | "credentials">) => LeasewebAccount;
}

/** check, create, read, update and delete of security groups at Leaseweb's Public Cloud. Knows no Pulumi. */
export class GroupProvider {
    private readonly told = new Set<string>();

    constructor(private readonly outside: GroupSurroundings) {}

    check(raw: Readonly<Record<string, unknown>>) {
        const { inputs, failures, findings, messages } = checkGroup(raw, new Date().toISOString().slice(0, 10));
        if (failures.length === 0) for (const message of messages) this.tell(message);
        for (const { severity, text } of findingMessages(findings, this.told)) this.outside.log(severity, text);
        return { inputs, failures };
    }

    async create(inputs: GroupInputs): Promise<{ id: string; outputs: GroupOutputs }> {
        const id = randomUUID();
        const account = this.outside.account(inputs);
        const rows = rowsOf(inputs);
        const progress: Progress = { groupId: await newGroup(account, inputs), replaced: {}, leftovers: [] };
        const nothing: GroupOutputs = { ...inputs, rules: {}, rows: {}, instances: {}, groupId: progress.groupId };
        return { id, outputs: await this.bring(id, account, inputs, nothing, progress, rows) };
    }

    async update(id: string, inputs: GroupInputs, known: GroupOutputs): Promise<GroupOutputs> {
        const account = this.outside.account(inputs);
        const rows = rowsOf(inputs);
        const there = await this.usable(account, known);
        const groupId = there ?? (await newGroup(account, inputs));
        const progress = progressOf(known, groupId);
        const before = there === undefined ? { ...known, groupId, rules: {}, rows: {}, instances: {} } : known;
        return this.bring(id, account, inputs, before, progress, rows);
    }

    /** The group as it is. What somebody wrote into it by hand is a row of its own; rules whose rows are gone are gone. */
    async read(id: string, known: GroupOutputs): Promise<{ id: string; inputs: GroupInputs; outputs: GroupOutputs }> {
        const outputs = await lookAtGroup(this.outside.account(known), known, known, (instance, groups) => {
            if (!known.exclusive) otherGroups(instance, groups, known.groupId).forEach((note) => this.tell(note));
        });
        const { groupId: _, replaced: _r, leftovers: _l, ...inputs } = outputs;
        return { id, inputs, outputs };
    }

    /** Instances go back into the groups that they were taken out of, then out of this one, and then it is deleted. */
    async delete(id: string, known: GroupOutputs): Promise<void> {
        const account = this.outside.account(known);
        const { groupId } = known;
        const progress = progressOf(known, groupId);
        const bringing = this.bringing(id, account, known, progress);
        for (const instance of Object.keys(known.instances)) await leave(bringing, instance);
        for (const group of [groupId, ...progress.leftovers]) if (group !== "") await deleteGroup(account, group);
        bringing.say("the group is deleted; its instances let in what their other groups allow");
    }

    /** One that failed to be made, or that is gone, can't be used: without instances it is made anew. */
    private async usable(account: LeasewebAccount, known: GroupOutputs): Promise<string | undefined> {
        if (known.groupId === "") return undefined;
        const there = await findGroup(account, known.groupId);
        if (there?.state !== "FAILED" || Object.keys(known.instances).length > 0) return there?.id;
        await deleteGroup(account, there.id);
        return undefined;
    }

    private async bring(
        id: string,
        account: LeasewebAccount,
        inputs: GroupInputs,
        known: GroupOutputs,
        progress: Progress,
        rows: readonly SecurityGroupRule[],
    ): Promise<GroupOutputs> {
        try {
            if (known.group !== inputs.group) await renameGroup(account, progress.groupId, inputs.group);
            const before = Object.keys(known.instances);
            await bringGroup(this.bringing(id, account, inputs, progress), inputs, rows, before);
            return { ...inputs, ...kept(progress) };
        } catch (error) {
            if (!(error instanceof FirewallError)) throw error;
            // The state keeps what the panel holds, as far as that can be read.
            const { replaced: _, leftovers: _l, ...rest } = known;
            const begun: GroupOutputs = { ...rest, ...kept(progress) };
            const held = await lookAtGroup(account, begun, inputs).catch(() => begun);
            throw new PartialFailure(id, { ...held }, [error.message]);
        }
    }

    private bringing(id: string, account: LeasewebAccount, { group }: GroupInputs, progress: Progress): Bringing {
        const say = (text: string) => this.outside.log("info", `${group}  ${text}`);
        return { account, progress, id, say, tell: (note) => this.tell(note) };
    }

    private tell({ message, severity }: Diagnostic): void {
        if (this.told.has(message)) return;
        this.told.add(message);
        this.outside.log(severity === "note" ? "info" : "warning", message);
    }
}

/** A new group, or the one that is to be adopted. One of the same name is never taken by guessing. */
async function newGroup(account: LeasewebAccount, { group, adopt }: GroupInputs): Promise<string> {
    const adopted = adopt === undefined ? undefined : await findGroup(account, adopt);
    if (adopted) return adopted.id;
    const same = (await listGroups(account)).filter(({ name }) => name === group);
    const ids = same.map(({ id }) => id).join(", ");
    if (same.length > 0) fail("VF327", { name: group, ids, first: same[0]!.id });
    return (await createGroup(account, group)).id;
}

function kept({ groupId, leftovers, replaced }: Progress): Pick<GroupOutputs, "groupId" | "leftovers" | "replaced"> {
    const texts = Object.entries(replaced).map(([instance, ids]) => [instance, ids.join(", ")] as const);
    return {
        groupId,
        ...(leftovers.length > 0 && { leftovers: leftovers.join(", ") }),
        ...(texts.length > 0 && { replaced: Object.fromEntries(texts) }),
    };
}

function progressOf({ replaced = {}, leftovers }: GroupOutputs, groupId: string): Progress {
    const lists = Object.entries(replaced).map(([instance, ids]) => [instance, ids.split(", ")] as const);
    return { groupId, replaced: Object.fromEntries(lists), leftovers: leftovers?.split(", ") ?? [] };
}

/** Made again of the rules of the state: what was proven in the check. */
function rowsOf(inputs: GroupInputs): SecurityGroupRule[] {
    const policy = policyOf(inputs);
    const open = notKnownYet(policy);
    if (open !== undefined) fail("VF029", { where: open }, open);
    return renderKeyedGroup(policy).rows.map(({ row }) => row);
}
