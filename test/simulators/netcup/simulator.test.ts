import { type NetcupSimulator, startNetcupSimulator } from ".";

describe("the simulated panel refuses what the panel refuses", () => {
    let panel: NetcupSimulator;
    let token: string;
    beforeEach(async () => {
        panel = await startNetcupSimulator();
        const form = { grant_type: "refresh_token", refresh_token: panel.login.refreshToken, client_id: "scp" };
        const url = `${panel.url}/realms/scp/protocol/openid-connect/token`;
        const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
        token = ((await answer.json()) as { access_token: string }).access_token;
    });
    afterEach(async () => {
        expect(panel.misfits).toEqual([]);
        await panel.close();
    });

    const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
        const response = await fetch(`${panel.url}/scp-core${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, body: text && (JSON.parse(text) as unknown) };
    };
    const policies = "/api/v1/users/4711/firewall-policies";
    const firewall = "/api/v1/servers/1/interfaces/5a:f1:00:00:00:01/firewall";
    const rule = { direction: "INGRESS", protocol: "TCP", action: "ACCEPT" };

    test("a missing and an ended token", async () => {
        const bare = await fetch(`${panel.url}/scp-core/api/v1/servers`);
        expect([bare.status, await bare.json()]).toEqual([401, { message: "Authorization header missing." }]);
        panel.login.accessTokens.set(token, Date.now() - 1);
        expect((await ask("GET", "/api/v1/servers")).status).toBe(401);
    });

    test.each([
        ["no name", { rules: [] }],
        ["a name of spaces", { name: "  " }],
        ["a long name", { name: "x".repeat(256) }],
        ["REJECT", { name: "x", rules: [{ ...rule, action: "REJECT" }] }],
        ["any protocol", { name: "x", rules: [{ ...rule, protocol: "ANY" }] }],
        ["two ports", { name: "x", rules: [{ ...rule, destinationPorts: "80,443" }] }],
        ["port 65536", { name: "x", rules: [{ ...rule, sourcePorts: "65536" }] }],
        ["an address twice", { name: "x", rules: [{ ...rule, sources: ["192.0.2.1", "192.0.2.1"] }] }],
        ["a name as address", { name: "x", rules: [{ ...rule, sources: ["example.com"] }] }],
        [
            "two lists of several",
            { name: "x", rules: [{ ...rule, sources: ["192.0.2.1", "192.0.2.2"], destinations: ["::1", "::2"] }] },
        ],
        [
            "mixed families with another side",
            { name: "x", rules: [{ ...rule, destinations: ["192.0.2.1", "::1"], sources: ["::2"] }] },
        ],
    ])("a policy with %s", async (_, policy) => {
        expect(await ask("POST", policies, policy)).toMatchObject({ status: 422, body: { code: "validation.error" } });
        expect(panel.state.policies).toEqual([]);
    });

    test("bare numbers for ids, a missing list, unknown ids", async () => {
        for (const body of [
            { copiedPolicies: [1000], userPolicies: [] },
            { userPolicies: [] },
            { copiedPolicies: [], userPolicies: [{ id: 1 }] },
            { copiedPolicies: [{ id: 1 }], userPolicies: [] },
        ])
            expect((await ask("PUT", firewall, body)).status).toBe(422);
        expect(panel.state.tasks).toEqual([]);
    });

    test("unknown places, a wrong hardware address, a body without its type", async () => {
        expect((await ask("GET", `${policies}/1`)).status).toBe(404);
        expect((await ask("GET", "/api/v1/users/1/firewall-policies")).status).toBe(404);
        expect((await ask("GET", "/api/v1/tasks/none")).status).toBe(404);
        expect((await ask("GET", "/api/v1/nothing")).status).toBe(404);
        expect((await ask("GET", "/api/v1/servers/1/interfaces/nonsense/firewall")).status).toBe(422);
        expect((await ask("GET", "/api/v1/servers/one")).status).toBe(422);
        expect((await ask("POST", policies, { name: "x" }, { "content-type": "text/plain" })).status).toBe(415);
    });

    test("a change while another one runs", async () => {
        panel.faults.plan({ on: /^PUT/, fault: { kind: "task", end: "FINISHED", looks: 1 } });
        const body = { copiedPolicies: [], userPolicies: [] };
        expect((await ask("PUT", firewall, body)).status).toBe(202);
        const refused = await ask("PUT", firewall, body);
        expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining("is running") } });
        expect((await ask("PUT", firewall, body)).status).toBe(400);
        expect((await ask("PUT", firewall, body)).status).toBe(202);
    });

    test("POST with a name only gives no rules, and says where the policy is", async () => {
        expect(await ask("POST", policies, { name: "bare" })).toMatchObject({ status: 201, body: { rules: [] } });
        expect(await ask("GET", policies)).toEqual({
            status: 200,
            body: [{ id: panel.state.policies[0]!.id, name: "bare", description: null }],
        });
    });
});
