import {
    findGroup,
    groupsOfInstance,
    type LeasewebAccount,
    listRules,
    type SecurityGroup,
} from "../../targets/leaseweb";
import type { GroupInputs, GroupOutputs } from "./groupInputs";
import { exposureOfRows, rowText } from "./groupRows";

/** The name of a row that no rule was made into. */
const BY_HAND = "(by hand)";

/**
 * The group as it is, in the form of the state. `meant`: what an operation that failed was to bring; its rules are in the state
 * if all of their rows are there, else those of before, if theirs are. `seen` hears the groups of each instance.
 */
export async function lookAtGroup(
    account: LeasewebAccount,
    known: GroupOutputs,
    meant: GroupInputs = known,
    seen: (instance: string, groups: readonly SecurityGroup[]) => void = () => undefined,
): Promise<GroupOutputs> {
    const group = known.groupId === "" ? undefined : await findGroup(account, known.groupId);
    if (!group) {
        // Nobody knows what an instance without it lets in.
        const exposure = { "ingress any": "(not verified)", "egress any": "anywhere" };
        return { ...known, groupId: "", rules: {}, rows: {}, instances: {}, exposure };
    }
    const live = (await listRules(account, group.id)).filter(({ state }) => state !== "FAILED");
    const names = { ...known.rows, ...meant.rows };
    const texts = [...new Set(live.map(rowText))].sort();
    const rows = Object.fromEntries(texts.map((text) => [text, names[text] ?? BY_HAND]));
    const instances: Record<string, true> = {};
    const others: Record<string, string> = {};
    const own = new Set([group.id, ...(known.leftovers?.split(", ") ?? [])]);
    for (const instance of new Set([...Object.keys(known.instances), ...Object.keys(meant.instances)])) {
        const groups = await groupsOfInstance(account, instance);
        if (groups.some(({ id }) => own.has(id))) instances[instance] = true;
        const foreign = groups.filter(({ id }) => !own.has(id)).map(({ id, name }) => `${name} (${id})`);
        if (known.exclusive && foreign.length > 0) others[instance] = foreign.sort().join(", ");
        seen(instance, groups);
    }
    const { others: _, ...rest } = known;
    const found = { group: group.name, groupId: group.id, ...(Object.keys(others).length > 0 && { others }) };
    const rules = { ...heldRules(known, rows), ...heldRules(meant, rows) };
    return { ...rest, ...found, rules, rows, instances, exposure: exposureOfRows(live) };
}

/** The rules all of whose rows are there. */
function heldRules({ rules, rows }: GroupInputs, live: Readonly<Record<string, string>>): Record<string, string> {
    const missing = new Set(Object.entries(rows).flatMap(([text, key]) => (text in live ? [] : [key])));
    return Object.fromEntries(Object.entries(rules).filter(([key]) => !missing.has(key)));
}
