import { listServers, openPanel, userIdOf } from "../../../targets/netcup";
import { closeAll, failure, openAccount, requests } from "./kit";

afterEach(closeAll);

describe("the login", () => {
    test("is made once, form-encoded, however many requests begin together", async () => {
        const account = await openAccount();
        await Promise.all([listServers(account.panel), listServers(account.panel), userIdOf(account.panel)]);
        const logins = requests(account, /token$/);
        expect(logins).toHaveLength(1);
        expect(logins[0]!.contentType).toBe("application/x-www-form-urlencoded");
        expect(Object.fromEntries(new URLSearchParams(logins[0]!.body))).toEqual({
            grant_type: "refresh_token",
            refresh_token: account.simulator.login.refreshToken,
            client_id: "scp",
        });
    });

    test("is renewed before the token ends", async () => {
        const { simulator, panel } = await openAccount();
        await listServers(panel);
        // The panel would take it for another second.
        const later = Date.now() + simulator.login.lifetime * 1000 - 1000;
        const clock = jest.spyOn(Date, "now").mockImplementation(() => later);
        await listServers(panel);
        clock.mockRestore();
        expect(simulator.login.logins).toBe(2);
        expect(simulator.seen.filter(({ status }) => status === 401)).toEqual([]);
    });

    test("is renewed once where the token is not taken any more", async () => {
        const { simulator, panel } = await openAccount();
        await listServers(panel);
        simulator.faults.plan({ on: /servers/, fault: { kind: "expire" } });
        expect(await listServers(panel)).toHaveLength(3);
        expect(simulator.login.logins).toBe(2);
    });

    test("takes over another refresh token, and tells of it", async () => {
        const told: string[] = [];
        const { simulator, panel } = await openAccount({ onRefreshToken: (token) => told.push(token) });
        simulator.login.rotates = true;
        await listServers(panel);
        simulator.login.accessTokens.clear();
        await listServers(panel);
        expect(told).toHaveLength(2);
        expect(told[1]).toBe(simulator.login.refreshToken);
    });

    test("that is refused is VF281", async () => {
        const { simulator } = await openAccount();
        const panel = openPanel({ url: simulator.url, refreshToken: "not-the-right-one" });
        const error = await failure(listServers(panel));
        expect(error.code).toBe("VF281");
        expect(error.message).toContain("it answered 400 [invalid_grant]");
        expect(error.message).not.toContain("not-the-right-one");
    });

    test("that never helps is VF281 too", async () => {
        const { simulator, panel } = await openAccount();
        simulator.faults.plan({ on: /servers/, times: 2, fault: { kind: "expire" } });
        const error = await failure(listServers(panel));
        expect(error.code).toBe("VF281");
        expect(error.message).toContain("it answered 401");
    });

    test("sends a token over https only", () => {
        const to = (url: string) => () => openPanel({ url, refreshToken: "secret" });
        expect(to("http://panel.example.com")).toThrow("VF281 the netcup panel at panel.example.com did not let");
        expect(to("ftp://panel.example.com")).toThrow("VF281");
        expect(to("https://me:hunter2@panel.example.com")).toThrow(expect.not.stringContaining("hunter2") as never);
    });

    test("is tried again after 503 and a cut connection", async () => {
        const { simulator, panel } = await openAccount();
        simulator.faults.plan({ on: /token$/, fault: { kind: "answer", status: 503 } });
        simulator.faults.plan({ on: /token$/, after: 1, fault: { kind: "cut", when: "before" } });
        expect(await listServers(panel)).toHaveLength(3);
    });
});

test("the user id is a string of digits or a number, and asked for once", async () => {
    const { simulator, panel } = await openAccount();
    expect(await userIdOf(panel)).toBe(4711);
    await userIdOf(panel);
    expect(requests({ simulator } as never, /userinfo/)).toHaveLength(1);
    const other = await openAccount();
    other.simulator.faults.plan({ on: /userinfo/, fault: { kind: "other body", body: () => ({ id: 12 }) } });
    expect(await userIdOf(other.panel)).toBe(12);
});
