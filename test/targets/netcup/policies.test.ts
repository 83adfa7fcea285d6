import {
    createPolicy,
    deletePolicy,
    findPolicies,
    getPolicy,
    listPolicies,
    type NetcupTask,
    putFirewall,
    replacePolicy,
} from "../../../targets/netcup";
import { accept, closeAll, failure, openAccount, requests, web } from "./kit";

afterEach(closeAll);

describe("policies", () => {
    test("are made, listed without rules, read, replaced and deleted", async () => {
        const account = await openAccount();
        const { panel, simulator } = account;
        const made = await createPolicy(panel, { name: "web", rules: [accept(443)] });
        expect(made).toEqual({
            id: made.id,
            name: "web",
            description: undefined,
            rules: [{ ...accept(443), sources: [], destinations: [], numberOfEffectiveRules: 1 }],
        });
        expect(await listPolicies(panel)).toEqual([{ id: made.id, name: "web", description: undefined }]);
        expect(await getPolicy(panel, made.id)).toEqual(made);
        const states: string[] = [];
        const onProgress = ({ state, progress }: NetcupTask) => states.push(`${state} ${progress}`);
        const save = { name: "web", description: "open to all", rules: [accept(80), accept(443)] };
        const replaced = await replacePolicy(panel, made.id, save, { onProgress });
        expect(replaced.rules.map(({ destinationPorts }) => destinationPorts)).toEqual(["80", "443"]);
        expect(replaced.description).toBe("open to all");
        expect(states).toEqual(["PENDING 0", "RUNNING 50", "FINISHED 100"]);
        await deletePolicy(panel, made.id);
        expect(simulator.state.policies).toEqual([]);
        // NC-24: one change is one update of the policy, and none of an interface.
        expect(requests(account, /^PUT/)).toHaveLength(1);
    });

    test("are found by their exact name, over pages", async () => {
        const { panel } = await openAccount({ largestPage: 2 });
        for (const name of ["web", "webs", "Web", "web"]) await createPolicy(panel, { name, rules: [] });
        expect((await findPolicies(panel, "web")).map(({ id }) => id)).toHaveLength(2);
        expect((await listPolicies(panel, { search: "webs" })).map(({ name }) => name)).toEqual(["webs"]);
    });

    test("NC-20: 500 rules pass, 501 are refused by the panel", async () => {
        const { panel, simulator } = await openAccount();
        const rules = Array.from({ length: 500 }, (_, index) => accept(index + 1));
        await createPolicy(panel, { name: "full", rules });
        const error = await failure(createPolicy(panel, { name: "fuller", rules: [...rules, accept(501)] }));
        expect(error.code).toBe("VF282");
        expect(error.message).toContain("400 [firewall.policy.too.many.rules]");
        expect(error.message).toContain("Nothing was changed.");
        expect(simulator.state.policies).toHaveLength(1);
    });

    test("NC-21: each source counts as a rule", async () => {
        const { panel } = await openAccount();
        const sources = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
        const rule = { ...accept(22), sources, destinations: ["198.51.100.1"] };
        const { rules } = await createPolicy(panel, { name: "few", rules: [rule] });
        expect(rules[0]!.numberOfEffectiveRules).toBe(5);
        const many = Array.from({ length: 101 }, () => rule);
        expect((await failure(createPolicy(panel, { name: "many", rules: many }))).message).toContain("500 rules");
    });

    test("what is not valid is VF282 with the field", async () => {
        const { panel } = await openAccount();
        const both = { ...accept(22), sources: ["192.0.2.1", "2001:db8::1"], destinations: ["198.51.100.1"] };
        const error = await failure(createPolicy(panel, { name: "both", rules: [both] }));
        expect(error.message).toContain("422 [validation.error]");
        expect(error.message).toContain("rules.0.destinations: must be empty, as sources mix families");
        const blank = await failure(createPolicy(panel, { name: " ", rules: [] }));
        expect(blank.message).toContain("name: must match pattern");
    });

    test("that are unknown are VF282", async () => {
        const { panel } = await openAccount();
        expect((await failure(getPolicy(panel, 5))).code).toBe("VF282");
        expect((await failure(deletePolicy(panel, 5))).code).toBe("VF282");
        expect((await failure(replacePolicy(panel, 5, { name: "x", rules: [] }))).message).toContain("404");
    });

    test("that are in use are not deleted, and are once they are taken off", async () => {
        const { panel, simulator } = await openAccount();
        const { id } = await createPolicy(panel, { name: "used", rules: [accept(1)] });
        await putFirewall(panel, web, { copiedPolicies: [], userPolicies: [id], active: true });
        expect((await failure(deletePolicy(panel, id))).message).toContain("[firewall.policy.in.use]");
        await putFirewall(panel, web, { copiedPolicies: [], userPolicies: [], active: true });
        await deletePolicy(panel, id);
        expect(simulator.state.policies).toEqual([]);
    });

    test("a delete whose answer was lost is not an error", async () => {
        const { panel, simulator } = await openAccount();
        const { id } = await createPolicy(panel, { name: "gone", rules: [] });
        simulator.faults.plan({ on: /^DELETE/, fault: { kind: "cut", when: "after" } });
        await deletePolicy(panel, id);
        expect(simulator.state.policies).toEqual([]);
    });

    test("a create whose answer was lost is not repeated, and says so", async () => {
        const account = await openAccount();
        account.simulator.faults.plan({ on: /^POST .*policies$/, fault: { kind: "cut", when: "after" } });
        const error = await failure(createPolicy(account.panel, { name: "once", rules: [] }));
        expect(error.code).toBe("VF280");
        expect(error.message).toContain("It may have been carried out all the same");
        expect(requests(account, /^POST .*policies$/)).toHaveLength(1);
        expect(await findPolicies(account.panel, "once")).toHaveLength(1);
    });
});
