import { closeAll, groupsOf, openCloud, outcome, requests, rulesOf } from "./kit";

afterEach(closeAll);

const SSH = { ssh: "accept tcp from 198.51.100.0/24 to port 22" };
const WEB = { web: { service: ["http", "https"] } };
const FIRST = "00000000-0000-4000-8000-000000000001";
const SECOND = "00000000-0000-4000-8000-000000000002";

describe("a security group", () => {
    test("is made, filled, and only then are instances put into it", async () => {
        const { simulator, provider, check, said } = await openCloud();
        const inputs = check({ ...SSH, ...WEB, ping: { service: "ping" } }, { instances: [FIRST, SECOND] });
        const { outputs } = await provider.create(inputs);
        expect(rulesOf(simulator)).toEqual([
            "ICMP 0.0.0.0/0 8",
            "TCP 0.0.0.0/0 443 443",
            "TCP 0.0.0.0/0 80 80",
            "TCP 198.51.100.0/24 22 22",
        ]);
        expect([groupsOf(simulator, 0), groupsOf(simulator, 1), groupsOf(simulator, 2)]).toEqual([
            ["Default Security Group", "web"],
            ["Default Security Group", "web"],
            ["Default Security Group"],
        ]);
        expect(outputs).toEqual({ ...inputs, groupId: simulator.state.groups[1]!.id });
        expect(outputs.rows).toEqual({
            "icmp echo-request from anywhere IPv4": "web/ping",
            "tcp from 198.51.100.0/24 to port 22": "web/ssh",
            "tcp from anywhere IPv4 to port 443": "web/web",
            "tcp from anywhere IPv4 to port 80": "web/web",
        });
        expect(outputs.exposure).toEqual({
            "egress any": "anywhere",
            "ingress icmp echo-request": "anywhere",
            "ingress tcp 22": "198.51.100.0/24",
            "ingress tcp 443": "anywhere IPv4",
            "ingress tcp 80": "anywhere IPv4",
        });
        const order = requests(simulator, /^POST/).map((line) => line.split("/").at(-1));
        expect(order).toEqual([
            "securityGroups",
            "authorizeFirewallRules",
            "attachSecurityGroups",
            "attachSecurityGroups",
        ]);
        // Rules of the default group come in too.
        expect(said.filter((text) => text.startsWith("VF326"))).toHaveLength(2);
    });

    test("adds rules before it takes others out, and sends nothing where nothing changes", async () => {
        const { simulator, provider, check } = await openCloud();
        const { id, outputs } = await provider.create(check({ ...SSH, ...WEB }));
        simulator.seen.length = 0;
        const states: string[][] = [];
        simulator.state.onChange = () => states.push(rulesOf(simulator));
        const after = await provider.update(
            id,
            check({ ...WEB, ssh: "accept tcp from 192.0.2.0/24 to port 22" }),
            outputs,
        );
        expect(requests(simulator, /^POST/).map((line) => line.split("/").at(-1))).toEqual([
            "authorizeFirewallRules",
            "revokeFirewallRules",
        ]);
        expect(rulesOf(simulator)).toEqual(["TCP 0.0.0.0/0 443 443", "TCP 0.0.0.0/0 80 80", "TCP 192.0.2.0/24 22 22"]);
        for (const held of states) expect(held).toEqual(expect.arrayContaining(["TCP 0.0.0.0/0 443 443"]));
        simulator.seen.length = 0;
        await provider.update(id, check({ ...WEB, ssh: "accept tcp from 192.0.2.0/24 to port 22" }), after);
        expect(requests(simulator, /^(POST|PUT|DELETE)/)).toEqual([]);
    });

    test("of which the API gives no ids of rules is replaced by a new one: attached first, the old one detached and deleted then", async () => {
        const cloud = await openCloud({ idName: undefined });
        const { simulator, provider, check, said } = cloud;
        const { id, outputs } = await provider.create(check({ ...SSH, ...WEB }, { instances: [FIRST] }));
        const before = simulator.state.groups.find(({ name }) => name === "web")!.id;
        // Adding alone needs no ids.
        const more = await provider.update(
            id,
            check({ ...SSH, ...WEB, db: "accept tcp from 10.0.0.0/8 to port 5432" }, { instances: [FIRST] }),
            outputs,
        );
        expect(more.groupId).toBe(before);
        simulator.seen.length = 0;
        const after = await provider.update(id, check(WEB, { instances: [FIRST] }), more);
        expect(after.groupId).not.toBe(before);
        expect(after).not.toHaveProperty("leftovers");
        expect(simulator.state.groups.map(({ name }) => name).sort()).toEqual(["Default Security Group", "web"]);
        expect(rulesOf(simulator)).toEqual(["TCP 0.0.0.0/0 443 443", "TCP 0.0.0.0/0 80 80"]);
        expect(groupsOf(simulator)).toEqual(["Default Security Group", "web"]);
        expect(
            requests(simulator, /^(POST|DELETE|PUT)/).map((line) => `${line.split(" ")[0]} ${line.split("/").at(-1)}`),
        ).toEqual([
            "POST securityGroups",
            "POST authorizeFirewallRules",
            "POST attachSecurityGroups",
            "POST detachSecurityGroups",
            `PUT ${after.groupId}`,
            `DELETE ${before}`,
        ]);
        expect(said.join("\n")).toContain("VF328");
    });

    test.each(["ruleId", "firewallRuleId", "uuid"])(
        "ids under another undocumented name, %s, are found",
        async (idName) => {
            const { simulator, provider, check } = await openCloud({ idName });
            const { id, outputs } = await provider.create(check({ ...SSH, ...WEB }));
            const after = await provider.update(id, check(WEB), outputs);
            expect(after.groupId).toBe(outputs.groupId);
            expect(rulesOf(simulator)).toEqual(["TCP 0.0.0.0/0 443 443", "TCP 0.0.0.0/0 80 80"]);
        },
    );

    test("whose undocumented ids the API does not take is replaced as well", async () => {
        const { simulator, provider, check } = await openCloud();
        const { id, outputs } = await provider.create(check({ ...SSH, ...WEB }, { instances: [FIRST] }));
        simulator.faults.plan({ on: /revoke/, times: 9, fault: { kind: "answer", status: 400 } });
        const after = await provider.update(id, check(WEB, { instances: [FIRST] }), outputs);
        expect(after.groupId).not.toBe(outputs.groupId);
        expect(rulesOf(simulator)).toEqual(["TCP 0.0.0.0/0 443 443", "TCP 0.0.0.0/0 80 80"]);
    });

    test("is changed as a whole where instances come and go", async () => {
        const { simulator, provider, check } = await openCloud();
        const { id, outputs } = await provider.create(check(SSH, { instances: [FIRST] }));
        await provider.update(id, check(SSH, { instances: [SECOND], group: "other" }), outputs);
        expect([groupsOf(simulator, 0), groupsOf(simulator, 1)]).toEqual([
            ["Default Security Group"],
            ["Default Security Group", "other"],
        ]);
    });

    test("exclusive: instances are in no other group, and a destroy puts them back", async () => {
        const { simulator, provider, check } = await openCloud();
        const { id, outputs } = await provider.create(check(SSH, { instances: [FIRST], exclusive: true }));
        expect(groupsOf(simulator)).toEqual(["web"]);
        const standard = simulator.state.groups[0]!.id;
        expect(outputs.replaced).toEqual({ [FIRST]: standard });
        simulator.state.instances[0]!.groups.push(standard);
        const { inputs } = await provider.read(id, outputs);
        expect(inputs.others).toEqual({ [FIRST]: `Default Security Group (${standard})` });
        await provider.update(id, check(SSH, { instances: [FIRST], exclusive: true }), outputs);
        expect(groupsOf(simulator)).toEqual(["web"]);
        await provider.delete(id, outputs);
        expect(groupsOf(simulator)).toEqual(["Default Security Group"]);
        expect(simulator.state.groups).toHaveLength(1);
    });

    test("a refresh shows drift rule by rule, and the next update takes it back", async () => {
        const { simulator, provider, check } = await openCloud();
        const wanted = check({ ...SSH, ...WEB }, { instances: [FIRST] });
        const { id, outputs } = await provider.create(wanted);
        expect((await provider.read(id, outputs)).inputs).toEqual(wanted);
        const group = simulator.state.groups.find(({ name }) => name === "web")!;
        group.rules.splice(
            group.rules.findIndex(({ startPort }) => startPort === 22),
            1,
        );
        group.rules.push({
            ...group.rules[0]!,
            id: "11111111-1111-4111-8111-111111111111",
            startPort: 3306,
            endPort: 3306,
        });
        simulator.state.instances[0]!.groups = [];
        const { inputs, outputs: found } = await provider.read(id, outputs);
        expect(inputs.rows).toEqual({
            "tcp from anywhere IPv4 to port 3306": "(by hand)",
            "tcp from anywhere IPv4 to port 443": "web/web",
            "tcp from anywhere IPv4 to port 80": "web/web",
        });
        expect(inputs.rules).toEqual({ "web/web": wanted.rules["web/web"] });
        expect(inputs.exposure).toMatchObject({ "ingress tcp 3306": "anywhere IPv4" });
        expect(inputs.exposure).not.toHaveProperty("ingress tcp 22");
        expect(inputs.instances).toEqual({});
        const after = await provider.update(id, wanted, found);
        expect((await provider.read(id, after)).inputs).toEqual(wanted);
    });

    test("that somebody deleted is said so by a refresh, and made again", async () => {
        const { simulator, provider, check } = await openCloud();
        const wanted = check(SSH, { instances: [FIRST] });
        const { id, outputs } = await provider.create(wanted);
        simulator.state.groups.pop();
        simulator.state.instances[0]!.groups.pop();
        const { inputs, outputs: gone } = await provider.read(id, outputs);
        expect(inputs).toMatchObject({
            rules: {},
            rows: {},
            instances: {},
            exposure: { "ingress any": "(not verified)" },
        });
        const after = await provider.update(id, wanted, gone);
        expect((await provider.read(id, after)).inputs).toEqual(wanted);
        await provider.delete(id, after);
        await provider.delete(id, after);
        expect(simulator.state.groups).toHaveLength(1);
    });

    test("of a name that is there already is not taken by guessing (VF327), but adopted by its id", async () => {
        const { simulator, provider, check } = await openCloud();
        const { outputs } = await provider.create(check(SSH));
        const { error } = await outcome(provider.create(check(WEB)));
        expect(error).toContain(`VF327 there is a security group web already (${outputs.groupId})`);
        await provider.create(check(WEB, { adopt: outputs.groupId }));
        expect(rulesOf(simulator)).toEqual(["TCP 0.0.0.0/0 443 443", "TCP 0.0.0.0/0 80 80"]);
    });

    test("lists come in pages of any size", async () => {
        const { simulator, provider, check } = await openCloud({ largestPage: 3 });
        const ports = Array.from({ length: 17 }, (_, i) => 2 * i + 1001);
        const wanted = check({ many: { protocol: "tcp", ports } });
        const { id, outputs } = await provider.create(wanted);
        expect(rulesOf(simulator)).toHaveLength(17);
        expect((await provider.read(id, outputs)).inputs).toEqual(wanted);
    });
});

describe("when something goes wrong", () => {
    test("an error says code, correlation id and the panel's words, and what was left", async () => {
        const { simulator, provider, check } = await openCloud();
        simulator.faults.plan({
            on: /authorize/,
            fault: {
                kind: "answer",
                status: 400,
                body: {
                    correlationId: "289346a1-3eaf-4da4-b707-62ef12eb08be",
                    errorCode: "APP00800",
                    errorMessage: "Validation failed",
                    errorDetails: { "rules.0.source": ["This is no CIDR block."] },
                },
            },
        });
        const { error, outputs } = await outcome(provider.create(check(SSH, { instances: [FIRST] })));
        expect(error).toMatch(
            /^VF322 Leaseweb's API refuses POST \/publicCloud\/v1\/securityGroups\/[0-9a-f-]+\/authorizeFirewallRules: 400 \[APP00800\] "Validation failed" \(rules\.0\.source: This is no CIDR block\.\) \(request 289346a1-3eaf-4da4-b707-62ef12eb08be\)\. Nothing was changed\./,
        );
        // The group is there, so it must not be lost: empty, and nobody is in it.
        expect(outputs).toMatchObject({ groupId: simulator.state.groups[1]!.id, rules: {}, rows: {}, instances: {} });
    });

    test("what a failure in the middle leaves is what the state says, and the next update goes on from there", async () => {
        const { simulator, provider, check } = await openCloud({}, {}, 0);
        const wanted = check({ ...SSH, ...WEB }, { instances: [FIRST, SECOND], exclusive: true });
        simulator.faults.plan({ on: /2\/detach/, times: 9, fault: { kind: "answer", status: 500 } });
        const { error, outputs, id } = await outcome(provider.create(wanted));
        expect(error).toContain("VF320");
        simulator.faults.clear();
        expect(outputs).toMatchObject({ instances: { [FIRST]: true, [SECOND]: true }, rows: wanted.rows });
        expect(outputs!.others).toEqual({ [SECOND]: expect.stringContaining("Default") });
        expect(Object.keys(outputs!.replaced!)).toEqual([FIRST, SECOND]);
        const after = await provider.update(id!, wanted, outputs!);
        expect((await provider.read(id!, after)).inputs).toEqual(wanted);
        await provider.delete(id!, after);
        expect([0, 1].map((index) => groupsOf(simulator, index))).toEqual([
            ["Default Security Group"],
            ["Default Security Group"],
        ]);
    });

    test("a rule or a group that Leaseweb could not make is VF324, and the next update makes it", async () => {
        const { simulator, provider, check } = await openCloud();
        const wanted = check(SSH, { instances: [FIRST] });
        simulator.faults.plan({ on: /authorize/, fault: { kind: "fails later" } });
        const rule = await outcome(provider.create(wanted));
        expect(rule.error).toContain("VF324 a rule (TCP 198.51.100.0/24 22 22");
        expect(rule.outputs).toMatchObject({ rows: {}, instances: {} });
        const after = await provider.update(rule.id!, wanted, rule.outputs!);
        expect((await provider.read(rule.id!, after)).inputs).toEqual(wanted);

        simulator.faults.plan({ on: /^POST .*Groups$/, fault: { kind: "fails later" } });
        const other = check(SSH, { group: "second", instances: [] });
        const made = await outcome(provider.create(other));
        expect(made.error).toContain("VF324 security group");
        await provider.update(made.id!, other, made.outputs!);
        expect(rulesOf(simulator, "second")).toEqual(["TCP 198.51.100.0/24 22 22"]);
        expect(simulator.state.groups.filter(({ name }) => name === "second")).toHaveLength(1);
    });

    test.each(["before", "after"] as const)(
        "a connection cut %s the request: no group and no rule is there twice",
        async (when) => {
            const { simulator, provider, check } = await openCloud();
            for (const on of [/^POST .*securityGroups$/, /authorize/, /attach/])
                simulator.faults.plan({ on, fault: { kind: "cut", when } });
            const { error, outputs } = await outcome(
                provider.create(check({ ...SSH, ...WEB }, { instances: [FIRST] })),
            );
            const mine = simulator.state.groups.filter(({ name }) => name === "web");
            if (when === "after") {
                expect(error).toBeUndefined();
                expect(mine).toHaveLength(1);
                expect(rulesOf(simulator)).toHaveLength(3);
                expect(outputs!.groupId).toBe(mine[0]!.id);
            } else {
                // Not repeated: there could be two then.
                expect(error).toContain("VF320");
                expect(mine).toEqual([]);
            }
        },
    );

    test("what it takes too long to carry out is VF325; 429 is tried again, as long as its Retry-After is no hour", async () => {
        const slow = await openCloud({ looks: 100_000 }, { stateTimeout: 30 });
        const { error } = await outcome(slow.provider.create(slow.check(SSH)));
        expect(error).toContain("VF325 security group");
        expect(error).toContain("it took more than 0.03 s");
        const busy = await openCloud();
        busy.simulator.faults.plan({
            on: /authorize/,
            times: 2,
            fault: { kind: "answer", status: 429, retryAfter: "0" },
        });
        await busy.provider.create(busy.check(SSH));
        expect(requests(busy.simulator, /authorize/)).toHaveLength(3);
        // A wish for a longer wait than anybody would wait is not heeded.
        busy.simulator.faults.plan({ on: /attach/, fault: { kind: "answer", status: 503, retryAfter: "3600" } });
        const asked = await outcome(busy.provider.create(busy.check(SSH, { group: "b", instances: [FIRST] })));
        expect(asked.error).toContain("VF320");
        expect(requests(busy.simulator, /attach/)).toHaveLength(1);
    });

    test("the key is in no error and no log, even where the API sends it back", async () => {
        const { simulator, provider, check, said, log } = await openCloud({}, {}, 0);
        const { apiKey } = simulator.state;
        const errors: string[] = [];
        for (const status of [400, 401, 403, 404, 409, 422, 429, 500, 307]) {
            const body = {
                errorCode: apiKey,
                errorMessage: apiKey,
                correlationId: apiKey,
                errorDetails: { [apiKey]: [apiKey] },
            };
            simulator.faults.plan({ on: /./, fault: { kind: "answer", status, body } });
            const { error } = await outcome(provider.create(check(SSH)));
            errors.push(error!);
            simulator.faults.clear();
        }
        const all = [...errors, ...said, ...log].join("\n");
        expect(errors).toHaveLength(9);
        expect(all).not.toContain(apiKey);
        expect(all).toContain("[token]");
    });

    test("a wrong key is VF321 with the way out; an answer of another form is VF323 with endpoint and field", async () => {
        const { simulator, provider, check } = await openCloud();
        simulator.faults.plan({ on: /securityGroups/, fault: { kind: "other body", body: () => ({ _metadata: {} }) } });
        const { error } = await outcome(provider.create(check(SSH)));
        expect(error).toMatch(
            /^VF323 the answer of Leaseweb's API to GET \/publicCloud\/v1\/securityGroups can't be used: securityGroups is missing/,
        );
        simulator.state.apiKey = "another";
        expect((await outcome(provider.create(check(SSH)))).error).toMatch(/^VF321 .*leasewebApiKey/);
    });
});
