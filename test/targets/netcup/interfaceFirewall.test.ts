import {
    createPolicy,
    getFirewall,
    putFirewall,
    reapplyFirewall,
    restoreCopiedPolicies,
} from "../../../targets/netcup";
import { accept, closeAll, failure, openAccount, requests, web } from "./kit";

afterEach(closeAll);

describe("the firewall of an interface", () => {
    test("shows netcup's own policies, which flip no default (NC-13, NC-16, NC-23)", async () => {
        const { panel } = await openAccount();
        const own = await getFirewall(panel, web);
        expect(own.copiedPolicies.map(({ name }) => name)).toEqual(["netcup Mail block", "netcup Ping allow"]);
        expect(own.copiedPolicies[0]!.rules.map((rule) => rule.destinationPorts)).toEqual(["25", "465", "587"]);
        const implicit = { ingressImplicitRule: "ACCEPT_ALL", egressImplicitRule: "ACCEPT_ALL" };
        expect(own).toMatchObject({ ...implicit, active: true, userPolicies: [] });
        expect(own.consistent).toBeUndefined();
        expect((await getFirewall(panel, web, { consistencyCheck: true })).consistent).toBe(true);
    });

    test("NC-14, NC-22, NC-44: a put sends both lists and active; the first rule of a direction flips its default", async () => {
        const account = await openAccount();
        const { panel } = account;
        const before = await getFirewall(panel, web);
        const copiedPolicies = before.copiedPolicies.map(({ id }) => id);
        const policy = await createPolicy(panel, { name: "web", rules: [accept(443)] });
        const after = await putFirewall(panel, web, { copiedPolicies, userPolicies: [policy.id], active: true });
        expect(after).toEqual({ ...before, userPolicies: [policy], ingressImplicitRule: "DROP_ALL" });
        expect(JSON.parse(requests(account, /^PUT/)[0]!.body)).toEqual({
            copiedPolicies: copiedPolicies.map((id) => ({ id })),
            userPolicies: [{ id: policy.id }],
            active: true,
        });
        const empty = await createPolicy(panel, { name: "empty", rules: [] });
        const off = await putFirewall(panel, web, {
            copiedPolicies,
            userPolicies: [empty.id, policy.id],
            active: false,
        });
        expect(off).toMatchObject({ active: false, ingressImplicitRule: "ACCEPT_ALL" });
        expect(off.userPolicies.map(({ id }) => id)).toEqual([empty.id, policy.id]);
    });

    test("NC-17: restored copied policies come back, own ones stay in their order", async () => {
        const { panel } = await openAccount();
        const ids: number[] = [];
        for (const name of ["a", "b"]) ids.unshift((await createPolicy(panel, { name, rules: [accept(1)] })).id);
        const bare = await putFirewall(panel, web, { copiedPolicies: [], userPolicies: ids, active: true });
        expect(bare.copiedPolicies).toEqual([]);
        const restored = await restoreCopiedPolicies(panel, web);
        expect(restored.copiedPolicies).toHaveLength(2);
        expect(restored.userPolicies.map(({ id }) => id)).toEqual(ids);
    });

    test("NC-45: taking off all own policies leaves the copied ones", async () => {
        const { panel } = await openAccount();
        const { id } = await createPolicy(panel, { name: "a", rules: [accept(1)] });
        const copiedPolicies = (await getFirewall(panel, web)).copiedPolicies.map((policy) => policy.id);
        await putFirewall(panel, web, { copiedPolicies, userPolicies: [id], active: true });
        const after = await putFirewall(panel, web, { copiedPolicies, userPolicies: [], active: true });
        expect(after).toMatchObject({ userPolicies: [], ingressImplicitRule: "ACCEPT_ALL" });
        expect(after.copiedPolicies).toHaveLength(2);
    });

    test("that a failed task left inconsistent is applied again", async () => {
        const { panel, simulator } = await openAccount();
        const { id } = await createPolicy(panel, { name: "a", rules: [accept(1)] });
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "task", end: "ERROR" } });
        await failure(putFirewall(panel, web, { copiedPolicies: [], userPolicies: [id], active: true }));
        expect((await getFirewall(panel, web, { consistencyCheck: true })).consistent).toBe(false);
        await reapplyFirewall(panel, web);
        expect((await getFirewall(panel, web, { consistencyCheck: true })).consistent).toBe(true);
    });

    test("NC-12: a server that was never configured is VF288, a VLAN interface VF289", async () => {
        const { panel } = await openAccount();
        const never = await failure(getFirewall(panel, { serverId: 3, mac: "5a:f1:00:00:00:03" }));
        expect(never.code).toBe("VF288");
        expect(never.message).toContain('once, with "Configure" in the panel');
        expect(never.message).toContain("generations 11 and 12");
        const vlan = { serverId: 1, mac: "5a:f1:00:00:00:0f" };
        const save = { copiedPolicies: [], userPolicies: [], active: true };
        expect((await failure(getFirewall(panel, vlan))).code).toBe("VF289");
        expect((await failure(putFirewall(panel, vlan, save))).message).toContain("Nothing was changed.");
        expect((await failure(getFirewall(panel, { serverId: 1, mac: "../../x" }))).code).toBe("VF282");
    });

    test("that can't be read after the change says that it was made", async () => {
        const { panel, simulator } = await openAccount({ repetitions: 0 });
        simulator.faults.plan({ on: /^GET .*firewall$/, fault: { kind: "answer", status: 500 } });
        const save = { copiedPolicies: [], userPolicies: [], active: true };
        const error = await failure(putFirewall(panel, web, save));
        expect(error.message).toContain("The change was carried out.");
    });
});
