import { describeLab, type LabHost } from "../../lab";
import { openWorld, type World } from "../world";

/** What somebody typed who followed the eApps guide: it ends in a drop, and IPv6 was never thought of. */
const GUIDE = `
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -j ACCEPT -p tcp --destination-port 22
iptables -A INPUT -j DROP`;

describeLab("a host whose own chain ends in a drop", () => {
    describe.each(["iptables", "nftables"] as const)("with %s", (backend) => {
        let world: World;
        let host: LabHost;

        beforeAll(async () => {
            world = await openWorld();
            host = await world.lab.addHost("web1", { iptables: "nft" });
            await host.run(GUIDE);
            await Promise.all([host.listen(80), host.listen(3306)]);
            await world.lab.addAddress("203.0.113.9");
            await world.lab.addAddress("2001:db8:77::9");
        });
        afterAll(() => world.close());

        const reach = (port: number, to = host.ipv4) =>
            world.lab.connect({ to, port, from: to.includes(":") ? "2001:db8:77::9" : "203.0.113.9" });

        test("EA-40: what is accepted and dropped behind us is named with its rule; a drop of ours holds at once", async () => {
            expect(await reach(3306, host.ipv6)).toBe("open");
            world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: "accept tcp from anywhere to port 22", web: "accept tcp from anywhere to port 80" } });
const host = ${JSON.stringify(host.ipv4)};
new HostFirewall("web1", { connection: { host, user: "root" }, templates: [web], backend: "${backend}", confirmSeconds: 15 });`);
            const up = await world.stack().up();
            expect([up.ok, up.ok ? "" : up.text]).toEqual([true, ""]);
            expect(up.text).toMatch(/VF19[01] .*web\/web/);
            expect(up.text).toMatch(/port 80/);
            // It says the truth: the host's own drop holds, on the family that has one.
            expect([await reach(80), await reach(80, host.ipv6)]).toEqual(["timeout", "open"]);
            expect(await reach(3306, host.ipv6)).toBe("timeout");
            await host.run("iptables -D INPUT -j DROP");
            expect([await reach(80), await reach(3306)]).toEqual(["open", "timeout"]);
        });
    });
});
