import { describeLab, type LabHost } from "../../lab";
import { openWorld, type World } from "../world";
import { importImage, inHost, serve } from "./engine";

const STRANGER = "203.0.113.9";
const STRANGER6 = "2001:db8:77::9";

describeLab("ports that Podman publishes", () => {
    // 4.3 writes rules of iptables, 5.4 and later a table of nft.
    describe.each(["docker20", "docker26", "docker28"] as const)("in %s", (userland) => {
        let world: World;
        let host: LabHost;

        beforeAll(async () => {
            world = await openWorld();
            host = await world.lab.addHost("web1", { kind: "systemd", userland });
            await inHost(
                host,
                `mkdir -p /etc/containers && printf '[storage]\\ndriver = "vfs"\\nrunroot = "/run/storage"\\ngraphroot = "/var/lib/storage"\\n' >/etc/containers/storage.conf`,
            );
            await importImage(host, "podman");
            await inHost(host, "podman network create --ipv6 --subnet 10.99.0.0/24 --subnet fd99::/64 both");
            await serve(host, "web", "--network both -p 8080:80 -p 8081:80", "podman");
            await world.lab.addAddress(STRANGER);
            await world.lab.addAddress(STRANGER6);
        }, 180_000);
        afterAll(() => world.close());

        const reach = (port: number, to = host.ipv4) =>
            world.lab.connect({ to, port, from: to.includes(":") ? STRANGER6 : STRANGER });

        test("are open to everybody before, and only where the published one is accepted after, on both families", async () => {
            expect([await reach(8080), await reach(8081), await reach(8081, host.ipv6)]).toEqual([
                "open",
                "open",
                "open",
            ]);
            world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: "accept tcp from anywhere to port 22", published: "accept tcp from anywhere to port 8080" } });
const host = ${JSON.stringify(host.ipv4)};
new HostFirewall("web1", { connection: { host, user: "root" }, templates: [web], confirmSeconds: 15 });`);
            const up = await world.stack().up();
            expect([up.ok, up.ok ? "" : up.text]).toEqual([true, ""]);
            expect(up.text).toMatch(/VF196 .*tcp 8081 \(10\.99\.0\.\d+:80\)/);
            expect([await reach(8080), await reach(8080, host.ipv6)]).toEqual(["open", "open"]);
            expect([await reach(8081), await reach(8081, host.ipv6)]).toEqual(["timeout", "timeout"]);
            expect((await world.stack().destroy()).ok).toBe(true);
            expect(await reach(8081)).toBe("open");
        });
    });
});
