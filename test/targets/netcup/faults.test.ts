import {
    createPolicy,
    getFirewall,
    listServers,
    putFirewall,
    replacePolicy,
    waitForTask,
} from "../../../targets/netcup";
import { retryAfterMs } from "../../../targets/http";
import { running } from "../../simulators/netcup";
import { accept, closeAll, failure, openAccount, requests, web } from "./kit";

afterEach(closeAll);

const save = { copiedPolicies: [], userPolicies: [], active: true };

describe("what passes is tried again", () => {
    test.each([429, 500, 502, 503])("%d of a read", async (status) => {
        const account = await openAccount();
        account.simulator.faults.plan({ on: /servers/, times: 3, fault: { kind: "answer", status } });
        expect(await listServers(account.panel)).toHaveLength(3);
        // One is the page after the last.
        expect(requests(account, /servers/)).toHaveLength(5);
    });

    test.each(["before", "after"] as const)("a connection cut %s a put was carried out", async (when) => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "cut", when } });
        expect((await putFirewall(panel, web, { ...save, active: false })).active).toBe(false);
        expect(simulator.state.tasks.filter(({ state }) => state === "FINISHED")).toHaveLength(
            when === "after" ? 2 : 1,
        );
    });

    test.each([400, 409] as const)("another update that runs (%d), for longer than other trouble", async (status) => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /^PUT/, times: 9, fault: running(status) });
        expect((await putFirewall(panel, web, { ...save, active: false })).active).toBe(false);
    });

    test("a second writer's task is waited for", async () => {
        const { panel, simulator } = await openAccount({ looks: 3 });
        const { id } = await createPolicy(panel, { name: "p", rules: [] });
        const change = () => {
            const finish = () => undefined;
            const task = { uuid: "other", name: "T", looks: 4, state: "RUNNING", end: "FINISHED" } as const;
            simulator.state.tasks.push({ ...task, reasonIn: "message", finish, rollBack: finish });
        };
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "meanwhile", change } });
        expect((await replacePolicy(panel, id, { name: "p", rules: [accept(1)] })).rules).toHaveLength(1);
        expect(simulator.seen.filter(({ status }) => status === 400).length).toBeGreaterThan(1);
    });

    test("after as long as Retry-After says", async () => {
        const { panel, simulator } = await openAccount({ timing: { longestRetryAfter: 1_000 } });
        simulator.faults.plan({ on: /servers/, fault: { kind: "answer", status: 429, retryAfter: "1" } });
        const began = Date.now();
        await listServers(panel);
        expect(Date.now() - began).toBeGreaterThanOrEqual(990);
    });

    test("but not after a longer wait than is acceptable", async () => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /servers/, fault: { kind: "answer", status: 503, retryAfter: "3600" } });
        expect((await failure(listServers(panel))).message).toContain("it answered 503");
    });

    test("Retry-After is seconds or a date", () => {
        expect(retryAfterMs("7")).toBe(7_000);
        const now = Date.parse("2026-01-01T00:00:00Z");
        expect(retryAfterMs("Thu, 01 Jan 2026 00:00:30 GMT", now)).toBe(30_000);
        expect(retryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
        expect([retryAfterMs("soon"), retryAfterMs(undefined)]).toEqual([0, 0]);
    });
});

describe("what does not pass is an error", () => {
    test("VF280 after the repetitions, with endpoint and request id", async () => {
        const account = await openAccount({ repetitions: 2 });
        account.simulator.faults.plan({ times: 9, on: /servers/, fault: { kind: "answer", status: 500 } });
        const error = await failure(listServers(account.panel));
        expect(error.message).toMatch(
            /^VF280 the netcup panel gave no usable answer to GET \/scp-core\/api\/v1\/servers: it answered 500 without a word \(request panel-[-0-9a-f]{36}\)\. Nothing was changed\./,
        );
        expect(requests(account, /servers/)).toHaveLength(3);
    });

    test("VF280 for a panel that does not answer in time, with our request id", async () => {
        const { panel, simulator } = await openAccount({ repetitions: 0, timing: { requestTimeout: 60 } });
        await createPolicy(panel, { name: "in", rules: [] });
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "hang" } });
        const error = await failure(putFirewall(panel, web, save));
        expect(error.message).toMatch(/no whole answer within 0.06 s \(request [-0-9a-f]{36}\)/);
        expect(error.message).toContain("It may have been carried out all the same");
    });

    test("VF280 for a panel that is not there", async () => {
        const { panel, simulator } = await openAccount({ repetitions: 1 });
        await simulator.close();
        expect((await failure(listServers(panel))).message).toContain("ECONNREFUSED");
    });

    test("VF284 for an account that stays busy", async () => {
        const { panel, simulator } = await openAccount({ timing: { busyTimeout: 20 } });
        simulator.faults.plan({ on: /^PUT/, times: 1000, fault: running() });
        const error = await failure(putFirewall(panel, web, save));
        expect(error.code).toBe("VF284");
        expect(error.message).toContain('"Another firewall policy update is running. Try again later."');
        expect(error.message).toContain("Nothing was changed.");
    });

    test("VF283 names endpoint and missing field; unknown fields are no problem", async () => {
        const { panel, simulator } = await openAccount();
        const other = (body: (real: never) => unknown) =>
            simulator.faults.plan({ on: /firewall\?/, fault: { kind: "other body", body: body as never } });
        other((real: object) => ({
            ...real,
            colour: "red",
            copiedPolicies: [{ id: 1, name: "x", rules: [], more: 1 }],
        }));
        expect((await getFirewall(panel, web)).copiedPolicies).toEqual([
            { id: 1, name: "x", description: undefined, rules: [] },
        ]);
        other(() => ({ copiedPolicies: [{ id: 1, name: "x" }] }));
        const error = await failure(getFirewall(panel, web));
        expect(error.code).toBe("VF283");
        expect(error.message).toContain("GET /scp-core/api/v1/servers/1/interfaces/5a:f1:00:00:00:01/firewall can't");
        expect(error.message).toContain("copiedPolicies.0.rules is missing");
        other(() => "<html>");
        expect((await failure(getFirewall(panel, web))).message).toContain("the body is not JSON");
        other((real: object) => ({ ...real, active: "yes" }));
        expect((await failure(getFirewall(panel, web))).message).toContain("active has a form that is not known");
    });

    test("a redirect is not followed", async () => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /servers/, fault: { kind: "answer", status: 307 } });
        expect((await failure(listServers(panel))).message).toContain("VF282");
    });
});

describe("tasks", () => {
    test.each([
        ["ERROR", "message"],
        ["ERROR", "responseError"],
        ["ROLLBACK", "message"],
        ["CANCELED", "responseError"],
    ] as const)("that end in %s are VF285, the reason from %s", async (end, reasonIn) => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "task", end, reasonIn } });
        const error = await failure(putFirewall(panel, web, { ...save, active: false }));
        expect(error.code).toBe("VF285");
        expect(error.message).toContain(`ended as ${end}: `);
        expect(error.message).toContain(`The node gave up: ${end}`);
        expect(error.message).toContain(
            end === "ROLLBACK" ? "put back what was there" : "It may have been carried out",
        );
        expect(simulator.state.servers[0]!.nics[0]!.firewall!.active).toBe(end === "ROLLBACK");
    });

    test("that take too long are VF286", async () => {
        const { panel, simulator } = await openAccount({ timing: { taskTimeout: 20 } });
        simulator.faults.plan({ on: /^PUT/, fault: { kind: "task", end: "FINISHED", looks: 100_000 } });
        const error = await failure(putFirewall(panel, web, save));
        expect(error.message).toContain("is no longer waited for: it took more than 0.02 s");
    });

    test("a login that fails after the change says that it was made", async () => {
        const { panel, simulator } = await openAccount();
        simulator.faults.plan({ on: /^GET .*firewall$/, times: 2, fault: { kind: "expire" } });
        const error = await failure(putFirewall(panel, web, { ...save, active: false }));
        expect(error.message).toMatch(/^VF280 .*VF281 .*The change was carried out\./);
    });

    test("that can't be looked at any more are VF286", async () => {
        const { panel, simulator } = await openAccount({ repetitions: 1 });
        simulator.faults.plan({ on: /tasks/, times: 9, fault: { kind: "answer", status: 503 } });
        const error = await failure(putFirewall(panel, web, save));
        expect(error.code).toBe("VF286");
        expect(error.message).toContain("VF280");
        expect(error.message).not.toContain("Nothing was changed.");
    });
});

describe("cancelling", () => {
    test("ends the wait for a task, and says that it goes on", async () => {
        const { panel, simulator } = await openAccount({ timing: { pollInterval: 60_000, taskTimeout: 600_000 } });
        const cancelled = new AbortController();
        const onProgress = () => setImmediate(() => cancelled.abort());
        const error = await failure(putFirewall(panel, web, save, { signal: cancelled.signal, onProgress }));
        expect(error.code).toBe("VF286");
        expect(error.message).toContain("the operation was cancelled. It may have been carried out");
        expect(simulator.state.tasks).toHaveLength(1);
    });

    test("ends a request and the wait between two", async () => {
        const { panel, simulator } = await openAccount({ timing: { firstWait: 60_000, longestWait: 60_000 } });
        simulator.faults.plan({ on: /servers/, fault: { kind: "hang" } });
        const hung = failure(listServers(panel, { signal: AbortSignal.timeout(60) }));
        expect((await hung).message).toContain("VF280");
        expect((await hung).message).toContain("the operation was cancelled");
        simulator.faults.plan({ on: /servers/, fault: { kind: "answer", status: 503 } });
        const waiting = await failure(listServers(panel, { signal: AbortSignal.timeout(60) }));
        expect(waiting.message).toContain("the operation was cancelled");
        const before = await failure(putFirewall(panel, web, save, { signal: AbortSignal.abort() }));
        expect(before.message).toContain("Nothing was changed.");
    });

    test("ends a change that waits for another one, at once", async () => {
        const account = await openAccount({ timing: { pollInterval: 200 } });
        const first = putFirewall(account.panel, web, save);
        const signal = AbortSignal.timeout(20);
        const error = await failure(putFirewall(account.panel, web, { ...save, active: false }, { signal }));
        expect(error.message).toContain("the operation was cancelled (request not sent). Nothing was changed.");
        expect((await first).active).toBe(true);
        expect(requests(account, /^PUT/)).toHaveLength(1);
    });

    test("a task that has ended is not waited for", async () => {
        const { panel } = await openAccount();
        const task = { uuid: "u", name: "T", state: "FINISHED" } as const;
        expect(await waitForTask(panel, task, { signal: AbortSignal.abort() })).toBe(task);
    });
});

test("no more requests at once than allowed", async () => {
    const { panel, simulator } = await openAccount({ requestsAtOnce: 3 });
    simulator.faults.plan({ on: /firewall/, times: 20, fault: { kind: "delay", ms: 5 } });
    await Promise.all(Array.from({ length: 20 }, () => getFirewall(panel, web)));
    expect(simulator.busiest()).toBe(3);
});

test("NC-24: two changes of one account never overlap", async () => {
    const { panel, simulator } = await openAccount({ looks: 3 });
    await Promise.all([true, false, true].map((active) => putFirewall(panel, web, { ...save, active })));
    expect(simulator.seen.filter(({ status }) => status === 400)).toEqual([]);
    expect(simulator.state.tasks).toHaveLength(3);
});

test("tokens are in no error and no log, even where the panel sends them back", async () => {
    const rotated: string[] = [];
    const account = await openAccount({ repetitions: 0, onRefreshToken: (token) => rotated.push(token) });
    const { panel, simulator, log, tokens } = account;
    simulator.login.rotates = true;
    await listServers(panel);
    simulator.login.accessTokens.clear();
    const echo = (status: number) => {
        const all = [...tokens, ...rotated].join(" ");
        const body = { code: all, message: all, error: all, errors: [{ field: all, message: all }] };
        simulator.faults.plan({ on: /servers|token$/, times: 2, fault: { kind: "answer", status, body } });
    };
    const errors = [];
    for (const status of [400, 401, 403, 404, 429, 500, 307]) {
        echo(status);
        errors.push(await failure(listServers(panel)));
        simulator.faults.clear();
        simulator.login.accessTokens.clear();
    }
    simulator.faults.plan({ on: /servers/, times: 2, fault: { kind: "expire" } });
    errors.push(await failure(listServers(panel)));
    rotated.forEach((token) => tokens.add(token));
    const all = [...errors.map((error) => `${error.stack} ${JSON.stringify(error)}`), ...log].join("\n");
    expect(tokens.size).toBeGreaterThan(4);
    expect([...tokens].filter((token) => all.includes(token) || all.includes(token.slice(0, 20)))).toEqual([]);
    expect(all).toContain("[token]");
    expect(log[0]).toMatch(/^GET \/scp-core\/api\/v1\/servers: 200 \(request panel-/);
});
