import { findServer, listInterfaces, listServers } from "../../../targets/netcup";
import { closeAll, failure, openAccount, requests } from "./kit";

afterEach(closeAll);

describe("servers", () => {
    test("are listed over pages, each once", async () => {
        const account = await openAccount({ largestPage: 2 });
        expect((await listServers(account.panel)).map(({ id }) => id)).toEqual([1, 2, 3]);
        expect(requests(account, /servers/).length).toBe(3);
    });

    test("a list that a second writer shortens meanwhile ends", async () => {
        const { simulator, panel } = await openAccount({ largestPage: 2 });
        const change = () => void simulator.state.servers.pop();
        simulator.faults.plan({ on: /servers/, after: 1, fault: { kind: "meanwhile", change } });
        expect((await listServers(panel)).map(({ id }) => id)).toEqual([1, 2]);
    });

    test.each(["v22024000000001", "WEB", "host1.example.com", "192.0.2.11", "2001:db8:0:1::5", "2001:db8:0:1::"])(
        "%s is found",
        async (wanted) => {
            const { panel } = await openAccount();
            expect((await findServer(panel, wanted)).id).toBe(1);
        },
    );

    test("none and more than one are VF287", async () => {
        const { simulator, panel } = await openAccount();
        const none = await failure(findServer(panel, "mail"));
        expect(none.message).toContain('VF287 "mail" names no server of this netcup account.');
        expect((await failure(findServer(panel, "192.0.2.1"))).message).toContain("names no server");
        simulator.state.servers[1]!.nickname = "web";
        const two = await failure(findServer(panel, "web"));
        expect(two.message).toContain("names 2 servers (v22024000000001, v22024000000002)");
    });

    test("that use a policy are listed", async () => {
        const { simulator, panel } = await openAccount();
        simulator.state.servers[1]!.nics[0]!.firewall!.user.push(7);
        expect((await listServers(panel, { policyId: 7 })).map(({ id }) => id)).toEqual([2]);
    });
});

describe("interfaces", () => {
    test("NC-12: those of a VLAN are left out, whether the node says so or not", async () => {
        const { simulator, panel } = await openAccount();
        const expected = [
            { mac: "5a:f1:00:00:00:01", ipv4Addresses: ["192.0.2.11"], ipv6Prefixes: ["2001:db8:0:1::"] },
        ];
        expect(await listInterfaces(panel, 1)).toEqual(expected);
        const [server] = simulator.state.servers;
        server!.live = false;
        expect(await listInterfaces(panel, 1)).toEqual(expected);
        Object.assign(server!, { live: true });
        server!.nics[1]!.ipv4.push("10.0.0.5");
        expect(await listInterfaces(panel, 1)).toEqual(expected);
    });

    test("of an unknown server are VF282", async () => {
        const { panel } = await openAccount();
        const error = await failure(listInterfaces(panel, 99));
        expect(error.code).toBe("VF282");
        expect(error.message).toContain('404 [entity.not.found] "Server not found" (request panel-');
    });
});
