import { FirewallError } from "../../../core/model/diagnostics";
import type { GroupInputs, GroupOutputs } from "../../../provider/leaseweb/groupInputs";
import { GroupProvider } from "../../../provider/leaseweb/groupProvider";
import { PartialFailure } from "../../../provider/partialFailure";
import { type LeasewebTiming, openLeaseweb } from "../../../targets/leaseweb";
import { type CloudState, type LeasewebSimulator, startLeasewebSimulator } from "../../simulators/leaseweb";

/** Short enough for tests; nothing depends on how long anything takes. */
export const quick: LeasewebTiming = {
    requestTimeout: 2_000,
    firstWait: 1,
    longestWait: 4,
    longestRetryAfter: 1_500,
    busyTimeout: 5_000,
    pollInterval: 1,
    stateTimeout: 5_000,
};

/** A deployment at a simulator: what a program asks for, and what the state says. */
export interface Cloud {
    readonly simulator: LeasewebSimulator;
    readonly provider: GroupProvider;
    readonly said: string[];
    readonly log: string[];
    check(rules: Record<string, unknown>, more?: Record<string, unknown>): GroupInputs;
}

const open: LeasewebSimulator[] = [];

export async function openCloud(
    options: Partial<CloudState> = {},
    timing: Partial<LeasewebTiming> = {},
    repetitions = 4,
): Promise<Cloud> {
    const simulator = await startLeasewebSimulator(options);
    open.push(simulator);
    const said: string[] = [];
    const log: string[] = [];
    const account = openLeaseweb({
        ...{ apiKey: simulator.state.apiKey, url: simulator.url, repetitions },
        timing: { ...quick, ...timing },
        log: (line) => log.push(line),
    });
    const provider = new GroupProvider({ account: () => account, log: (_, text) => said.push(text) });
    return {
        ...{ simulator, provider, said, log },
        check: (rules, more = {}) => {
            const raw = { group: "web", templates: [{ name: "web", rules }], ...more };
            const { inputs, failures } = provider.check(raw);
            if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
            return inputs;
        },
    };
}

/** Ends the simulators of a test; their answers must have been those of the document. */
export async function closeAll(): Promise<void> {
    const misfits = open.flatMap((simulator) => simulator.misfits);
    await Promise.all(open.splice(0).map((simulator) => simulator.close()));
    expect(misfits).toEqual([]);
}

/** What an operation left in the state: its result, or what a partial failure keeps. */
export async function outcome(
    operation: Promise<GroupOutputs | { id: string; outputs: GroupOutputs }>,
): Promise<{ readonly outputs?: GroupOutputs; readonly error?: string; readonly id?: string }> {
    return operation.then(
        (done) => ("outputs" in done ? done : { outputs: done }),
        (error: unknown) => {
            if (error instanceof PartialFailure)
                return { id: error.id, outputs: error.properties as unknown as GroupOutputs, error: error.message };
            if (error instanceof FirewallError) return { error: error.message };
            throw error;
        },
    );
}

/** What a group holds, without ids. */
export function rulesOf({ state }: LeasewebSimulator, name = "web"): string[] {
    const group = state.groups.find((own) => own.name === name);
    return (group?.rules ?? [])
        .filter((rule) => rule.state === "ACTIVE")
        .map(({ protocol, source, startPort, endPort, icmpType }) =>
            [protocol, source, ...(protocol === "ICMP" ? [icmpType] : [startPort, endPort])].join(" "),
        )
        .sort();
}

/** Names of the groups of an instance. */
export const groupsOf = ({ state }: LeasewebSimulator, index = 0): string[] =>
    state.instances[index]!.groups.map((id) => state.groups.find((group) => group.id === id)!.name);

export const requests = ({ seen }: LeasewebSimulator, pattern: RegExp) =>
    seen.filter(({ request }) => pattern.test(request)).map(({ request }) => request);
