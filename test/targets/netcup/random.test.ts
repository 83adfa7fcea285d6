import fc from "fast-check";
import { FirewallError } from "../../../core/model/diagnostics";
import { createPolicy, deletePolicy, listServers, putFirewall, replacePolicy } from "../../../targets/netcup";
import { type Fault, type PanelState, running } from "../../simulators/netcup";
import { accept, type Account, closeAll, openAccount, web } from "./kit";

afterEach(closeAll);

/** What an operation asks for: `at` picks one of the policies there are. */
type Operation =
    | { readonly kind: "create"; readonly ports: readonly number[] }
    | { readonly kind: "replace"; readonly at: number; readonly ports: readonly number[] }
    | { readonly kind: "delete"; readonly at: number }
    | { readonly kind: "attach"; readonly at: number; readonly active: boolean }
    | { readonly kind: "list" };

const ports = fc.array(fc.integer({ min: 1, max: 65535 }), { maxLength: 4 });
const at = fc.nat(20);
const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.record({ kind: fc.constant("create" as const), ports }),
    fc.record({ kind: fc.constant("replace" as const), at, ports }),
    fc.record({ kind: fc.constant("delete" as const), at }),
    fc.record({ kind: fc.constant("attach" as const), at, active: fc.boolean() }),
    fc.record({ kind: fc.constant("list" as const) }),
);
const fault: fc.Arbitrary<Fault> = fc.oneof(
    fc.constantFrom(429, 500, 503, 403).map((status): Fault => ({ kind: "answer", status })),
    fc.constantFrom<Fault>({ kind: "cut", when: "before" }, { kind: "cut", when: "after" }),
    fc.constantFrom<Fault>({ kind: "expire" }, running(400), running(409)),
    fc.constantFrom("ERROR", "ROLLBACK", "CANCELED").map((end): Fault => ({ kind: "task", end })),
    fc.constant<Fault>({ kind: "other body", body: () => ({}) }),
    fc.constant<Fault>({ kind: "task", end: "FINISHED", looks: 5 }),
);
const step = fc.record({
    operation,
    faults: fc.array(fc.record({ fault, after: fc.nat(4), times: fc.integer({ min: 1, max: 5 }) }), { maxLength: 2 }),
});

/** Policies without their ids, and what the interface has of them, by name. */
function holds({ policies, servers }: PanelState) {
    const { user, active } = servers[0]!.nics[0]!.firewall!;
    const named = policies.map(({ name, rules }) => [name, rules.map((rule) => rule.destinationPorts).join()] as const);
    return { policies: named, user: user.map((id) => policies.find((own) => own.id === id)!.name), active };
}
type Held = ReturnType<typeof holds>;

/** Carries out one operation; answers what the panel should hold after it. */
function carryOut(
    { panel, simulator }: Account,
    wanted: Operation,
    name: string,
): { run: Promise<unknown>; then: Held } {
    const before = holds(simulator.state);
    const all = simulator.state.policies;
    const picked = "at" in wanted && all.length > 0 ? all[wanted.at % all.length] : undefined;
    const save = (own: string, list: readonly number[]) => ({ name: own, rules: list.map((port) => accept(port)) });
    if (wanted.kind === "create") {
        const policies = [...before.policies, [name, wanted.ports.join()] as const];
        return { run: createPolicy(panel, save(name, wanted.ports)), then: { ...before, policies } };
    }
    if (wanted.kind === "list" || !picked) return { run: listServers(panel), then: before };
    if (wanted.kind === "replace") {
        const changed = [picked.name, wanted.ports.join()] as const;
        const policies = before.policies.map((own) => (own[0] === picked.name ? changed : own));
        return { run: replacePolicy(panel, picked.id, save(picked.name, wanted.ports)), then: { ...before, policies } };
    }
    if (wanted.kind === "delete") {
        const policies = before.policies.filter(([own]) => own !== picked.name);
        return { run: deletePolicy(panel, picked.id), then: { ...before, policies } };
    }
    const { active } = wanted;
    const run = putFirewall(panel, web, { copiedPolicies: [], userPolicies: [picked.id], active });
    return { run, then: { ...before, user: [picked.name], active } };
}

test("100 random sequences with random faults: done, or the error says what was left", async () => {
    const outcomes = { done: 0, unchanged: 0, made: 0, unknown: 0 };
    await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
            const account = await openAccount({ repetitions: 3 });
            const { simulator, tokens } = account;
            for (const [index, { operation, faults }] of steps.entries()) {
                const before = holds(simulator.state);
                faults.forEach((plan) => simulator.faults.plan(plan));
                const { run, then } = carryOut(account, operation, `p${index}`);
                const error = await run.then(
                    () => undefined,
                    (thrown: unknown) => thrown,
                );
                simulator.faults.clear();
                const now = holds(simulator.state);
                if (error === undefined) {
                    outcomes.done++;
                    expect(now).toEqual(then);
                    continue;
                }
                expect(error).toBeInstanceOf(FirewallError);
                const { message } = error as FirewallError;
                expect([...tokens].filter((token) => message.includes(token))).toEqual([]);
                if (message.includes("It may have been carried out") || message.includes("put back what was there")) {
                    outcomes.unknown++;
                    expect([before, then]).toContainEqual(now);
                } else if (message.includes("The change was carried out.")) {
                    outcomes.made++;
                    expect(now).toEqual(then);
                } else {
                    outcomes.unchanged++;
                    // A login that fails, the first time, sends nothing else.
                    expect(message).toMatch(/Nothing was changed\.|Only the login was sent\.|^VF281/);
                    expect(now).toEqual(before);
                }
            }
            await closeAll();
        }),
        { numRuns: 100, seed: 20261127, endOnFailure: true },
    );
    // Each way out was taken.
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(2);
});
