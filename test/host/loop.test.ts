import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

/** The program of the walkthrough, on hosts of the lab. */
function program(hosts: readonly LabHost[], rules: string): string {
    return `
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const office = new AddressSet("office", { entries: ["192.0.2.200", "2001:db8:77::/48"] });
const web = new FirewallTemplate("web", { rules: { ${rules} } });
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web] });
}`;
}

const RULES = `
    ssh: { service: "ssh", from: office },
    web: { service: ["http", "https"] },
    scanners: { action: "drop", from: ["203.0.113.0/24"] },`;

describeLab("preview, up, refresh and destroy of a template on real hosts", () => {
    let world: World;
    let hosts: LabHost[];

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(
            ["192.0.2.10", "192.0.2.11"].map((ipv4, i) =>
                world.lab.addHost(`web${i}`, { ipv4, ipv6: `2001:db8:5::1${i}` }),
            ),
        );
        await world.lab.addAddress("203.0.113.9");
        await world.lab.addAddress("198.51.100.10");
        await Promise.all(hosts.map((host) => host.listen(80)));
        await Promise.all(hosts.map((host) => host.listen(3306)));
    });
    afterAll(() => world.close());

    const reach = (host: LabHost, port: number, from: string) => world.lab.connect({ to: host.ipv4, port, from });

    test("up opens what the template says and nothing else", async () => {
        world.write(program(hosts, RULES));
        const up = await world.stack().up({ onMessage: (m) => console.log(m.message) });
        console.log(up.text);
        expect(up.ok).toBe(true);
        for (const host of hosts) {
            expect(await reach(host, 80, "198.51.100.10")).toBe("open");
            expect(await reach(host, 3306, "198.51.100.10")).toBe("timeout");
            expect(await reach(host, 80, "203.0.113.9")).toBe("timeout");
        }
    });
});
