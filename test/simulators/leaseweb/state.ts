import { randomUUID } from "node:crypto";

/** What is sent of a rule. */
export interface SentRule {
    protocol: "TCP" | "UDP" | "ICMP";
    startPort?: number | null;
    endPort?: number | null;
    icmpType?: number | null;
    icmpCode?: number | null;
    source?: string;
}

/** On its way in or out for as many looks; then it is there, gone, or has failed. */
export interface SimulatedRule extends SentRule {
    id: string;
    state: "CREATING" | "ACTIVE" | "FAILED" | "DELETING";
    looks: number;
    fails: boolean;
}

export interface SimulatedGroup {
    id: string;
    name: string;
    default: boolean;
    state: "CREATING" | "ACTIVE" | "FAILED" | "SYNCING";
    looks: number;
    fails: boolean;
    rules: SimulatedRule[];
}

export interface SimulatedInstance {
    id: string;
    groups: string[];
    /** Accepted, and not carried out for as many looks. */
    pending: { attach: boolean; group: string; looks: number }[];
}

/** All that the account holds. A test may read and change it at any time, as a second writer would. */
export interface CloudState {
    apiKey: string;
    groups: SimulatedGroup[];
    instances: SimulatedInstance[];
    /** How often a change is looked at before it is carried out. */
    looks: number;
    /** The most that a page holds, whatever is asked for. */
    largestPage: number;
    /** Under which name rules show their ids; undefined: as published, not at all. */
    idName: string | undefined;
    /** Called each time that what instances let in changes. */
    onChange: () => void;
}

/** Three instances in a default group that lets everything in, as an older page of the vendor says of new ones. */
export function newState(): CloudState {
    const everything: SentRule[] = [
        { protocol: "TCP", startPort: 0, endPort: 65535, source: "0.0.0.0/0" },
        { protocol: "UDP", startPort: 0, endPort: 65535, source: "0.0.0.0/0" },
        { protocol: "ICMP", icmpType: -1, icmpCode: -1, source: "0.0.0.0/0" },
    ];
    const standard: SimulatedGroup = {
        ...newGroup("Default Security Group"),
        default: true,
        state: "ACTIVE",
        rules: everything.map((sent) => ({ ...sent, id: randomUUID(), state: "ACTIVE", looks: 0, fails: false })),
    };
    const instances = [1, 2, 3].map((n): SimulatedInstance => ({
        ...{ id: `00000000-0000-4000-8000-00000000000${n}`, groups: [standard.id], pending: [] },
    }));
    return {
        apiKey: `key-${randomUUID()}`,
        groups: [standard],
        instances,
        looks: 1,
        largestPage: 100,
        idName: "id",
        onChange: () => undefined,
    };
}

export function newGroup(name: string): SimulatedGroup {
    return { id: randomUUID(), name, default: false, state: "CREATING", looks: 1, fails: false, rules: [] };
}

/** One look at a group takes it on, and its rules with it. */
export function look(group: SimulatedGroup): void {
    if ((group.state === "CREATING" || group.state === "SYNCING") && group.looks-- <= 0)
        group.state = group.fails ? "FAILED" : "ACTIVE";
}

export function lookAtRules(state: CloudState, group: SimulatedGroup): void {
    const before = group.rules.length;
    for (const rule of group.rules) {
        if (rule.state === "CREATING" && rule.looks-- <= 0) {
            rule.state = rule.fails ? "FAILED" : "ACTIVE";
            state.onChange();
        }
    }
    group.rules = group.rules.filter((rule) => !(rule.state === "DELETING" && rule.looks-- <= 0));
    if (group.rules.length !== before) state.onChange();
}

export function lookAtInstance(state: CloudState, instance: SimulatedInstance): void {
    const due = instance.pending.filter((change) => change.looks-- <= 0);
    instance.pending = instance.pending.filter((change) => !due.includes(change));
    for (const { attach, group } of due) {
        const others = instance.groups.filter((id) => id !== group);
        instance.groups = attach ? [...others, group] : others;
        state.onChange();
    }
}
