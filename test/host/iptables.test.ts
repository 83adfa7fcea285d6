import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";
const SSH = 'ssh: "accept tcp from anywhere to port 22"';
const WEB = 'web: { service: ["http", "https"] }';
const SCANNERS = 'scanners: { action: "drop", from: ["203.0.113.0/24", "2001:db8:bad::/48"] }';
const METRICS = 'metrics: { protocol: "tcp", ports: 9100, from: monitoring }';
const MYSQL = 'mysql: "accept tcp from 198.51.100.10 to port 3306"';

const STRANGER = "198.51.100.99";
const STRANGER6 = "2001:db8:77::99";
const MONITOR = "198.51.100.20";

/** The same hosts as with nftables: what is asked for, what is chosen by the host, and both variants. */
const HOSTS = [
    { name: "nft-variant", options: { iptables: "nft" }, asked: true, filter: /^iptables 1\.8\.\d+ \(nft\)$/ },
    { name: "legacy-variant", options: { iptables: "legacy" }, asked: true, filter: /^iptables 1\.8\.\d+ \(legacy\)$/ },
    { name: "without-nft", options: { without: ["nft"] }, asked: false, filter: /^iptables / },
] as const;

describeLab("EA-1, EA-44: a template on hosts with iptables", () => {
    let world: World;
    let hosts: LabHost[];

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(HOSTS.map(({ name, options }) => world.lab.addHost(name, options)));
        for (const address of [STRANGER, STRANGER6, MONITOR, "203.0.113.9", "2001:db8:bad::9"])
            await world.lab.addAddress(address);
        await Promise.all(hosts.flatMap((host) => [80, 3306, 9100].map((port) => host.listen(port))));
    });
    afterAll(() => world.close());

    function write(rules: readonly string[], wanted = hosts): void {
        const list = wanted.map((host) => ({
            name: host.name,
            host: host.ipv4,
            backend: HOSTS[hosts.indexOf(host)]!.asked,
        }));
        world.write(`
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const monitoring = new AddressSet("monitoring", { entries: ["198.51.100.16/28", "2001:db8:77::/48"] });
const web = new FirewallTemplate("web", { rules: { ${rules.join(", ")} } });
for (const { name, host, backend } of ${JSON.stringify(list)})
    new HostFirewall(name, {
        connection: { host, user: "root" }, templates: [web], confirmSeconds: 15,
        ...(backend && { backend: "iptables" as const }),
    });`);
    }

    const reach = (host: LabHost, port: number, from: string, to = host.ipv4) => world.lab.connect({ to, port, from });
    const own = async (host: LabHost) => {
        const i = hosts.indexOf(host);
        const variant = i === 1 ? "legacy" : "nft";
        const { stdout } = await host.run(`for p in iptables ip6tables; do $p-${variant}-save -t filter; done`);
        return stdout.replace(/^[#:].*\n/gm, "");
    };
    const inAll = (command: (variant: string) => string) =>
        Promise.all(
            hosts.map(async (host, i) => {
                const { code, stderr } = await host.run(command(i === 1 ? "legacy" : "nft"));
                if (code !== 0) throw new Error(stderr);
            }),
        );
    const changedIn = async (host: LabHost, refresh = false) => {
        const preview = await world.stack().preview({ diff: true, refresh });
        if (!preview.ok) throw new Error(preview.text);
        const step = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(`${RULESET}::${host.name}`));
        return Object.keys(step?.detailedDiff ?? {}).sort();
    };

    test("a first up: what the template says passes, in both families, and nothing else", async () => {
        write([SSH, WEB, SCANNERS, METRICS]);
        const up = await world.stack().up();
        expect(up.text).toContain("confirmed");
        expect(up.ok).toBe(true);
        for (const [i, host] of hosts.entries()) {
            expect([host.name, await reach(host, 80, STRANGER)]).toEqual([host.name, "open"]);
            expect(await reach(host, 80, STRANGER6, host.ipv6)).toBe("open");
            expect(await reach(host, 80, "203.0.113.9")).toBe("timeout");
            expect(await reach(host, 80, "2001:db8:bad::9", host.ipv6)).toBe("timeout");
            expect(await reach(host, 3306, STRANGER)).toBe("timeout");
            expect(await reach(host, 3306, STRANGER6, host.ipv6)).toBe("timeout");
            expect(await reach(host, 9100, MONITOR)).toBe("open");
            expect(await reach(host, 9100, STRANGER)).toBe("timeout");
            const ruleset = world
                .stack()
                .state()
                .resources.find(({ urn }) => urn.endsWith(`${RULESET}::${host.name}`));
            expect(ruleset?.outputs).toMatchObject({ filter: expect.stringMatching(HOSTS[i]!.filter) });
        }
    });

    test("nothing to do: nothing is written, and a refresh finds nothing", async () => {
        const before = await Promise.all(hosts.map(own));
        const up = await world.stack().up({ refresh: true });
        expect(up.json.changeSummary).toEqual({ same: expect.any(Number) });
        const after = await Promise.all(hosts.map(own));
        expect(after).toEqual(before);
    });

    test("EA-34, EA-46: one rule added, one of five deleted: one line each, and four stay", async () => {
        write([SSH, WEB, SCANNERS, METRICS, MYSQL]);
        for (const host of hosts)
            expect(await changedIn(host)).toEqual(['exposure["ingress tcp 3306"]', 'rules["web/mysql"]']);
        expect((await world.stack().up()).ok).toBe(true);
        write([SSH, WEB, SCANNERS, MYSQL]);
        for (const host of hosts)
            expect(await changedIn(host)).toEqual(['exposure["ingress tcp 9100"]', 'rules["web/metrics"]', "sets"]);
        expect((await world.stack().up()).ok).toBe(true);
        for (const host of hosts) {
            expect(await reach(host, 9100, MONITOR)).toBe("timeout");
            expect(await reach(host, 80, STRANGER)).toBe("open");
            const saved = (await host.run("cat /var/lib/vps-firewall/confirmed.rules")).stdout;
            expect(saved).not.toContain("9100");
            expect(saved.match(/"web\/mysql"/g)).toHaveLength(1);
        }
    });

    test("drift by hand: a rule in our chain, one before our jump, one of ours edited; up puts all back", async () => {
        await inAll((variant) => `iptables-${variant} -I VPSFW-IN 1 -p tcp --dport 9100 -j RETURN`);
        for (const host of hosts) {
            expect(await reach(host, 9100, STRANGER)).toBe("open");
            const changed = await changedIn(host, true);
            expect(changed).toContain('rules["(unmanaged) tcp 9100"]');
            expect(changed).toContain('exposure["ingress tcp 9100"]');
        }
        expect((await world.stack().up({ refresh: true })).ok).toBe(true);
        for (const host of hosts) expect(await reach(host, 9100, STRANGER)).toBe("timeout");

        await inAll((variant) => `iptables-${variant} -I INPUT 1 -p tcp --dport 9100 -j ACCEPT`);
        for (const host of hosts) expect(await reach(host, 9100, STRANGER)).toBe("open");
        expect(await changedIn(hosts[0]!, true)).toContain('exposure["ingress tcp 9100"]');
        expect((await world.stack().up({ refresh: true })).ok).toBe(true);
        for (const host of hosts) expect(await reach(host, 9100, STRANGER)).toBe("timeout");
        await inAll((variant) => `iptables-${variant} -D INPUT -p tcp --dport 9100 -j ACCEPT`);

        await inAll(
            (variant) =>
                `n=$(ip6tables-${variant} -S VPSFW-IN | grep '^-A' | grep -n web/web | cut -d : -f 1)
                ip6tables-${variant} -D VPSFW-IN "$n"`,
        );
        for (const host of hosts) {
            expect(await reach(host, 80, STRANGER6, host.ipv6)).toBe("timeout");
            expect(await changedIn(host, true)).toEqual([
                'exposure["ingress tcp 443"]',
                'exposure["ingress tcp 80"]',
                'rules["web/web"]',
            ]);
        }
        expect((await world.stack().up({ refresh: true })).ok).toBe(true);
        for (const host of hosts) expect(await reach(host, 80, STRANGER6, host.ipv6)).toBe("open");
    });

    test("EA-48: flushed by hand, everything is open and read as that; up puts it back", async () => {
        await inAll((variant) => `for p in iptables ip6tables; do $p-${variant} -F; $p-${variant} -X; done`);
        for (const host of hosts) expect(await reach(host, 3306, STRANGER)).toBe("open");
        const refresh = await world.stack().refresh();
        for (const host of hosts) {
            const ruleset = refresh.state.resources.find(({ urn }) => urn.endsWith(`${RULESET}::${host.name}`));
            expect(ruleset?.inputs).toMatchObject({ rules: {}, exposure: { "ingress any": "anywhere" } });
        }
        expect((await world.stack().up()).ok).toBe(true);
        for (const host of hosts) expect(await reach(host, 3306, STRANGER)).toBe("timeout");
    });

    test("what iptables can't say is refused in the preview (VF203); where only the host knows, before anything changes", async () => {
        write([SSH, 'rare: { protocol: "tcp", ports: 81, limit: "1/day burst 5" }']);
        const preview = await world.stack().preview();
        expect(preview.ok).toBe(false);
        expect(preview.text).toMatch(/VF203 .*rule web\/rare can't be said in iptables/);
        const [, , withoutNft] = hosts;
        const before = await own(withoutNft!);
        write([SSH, 'rare: { protocol: "tcp", ports: 81, limit: "1/day burst 5" }'], [withoutNft!]);
        expect((await world.stack().preview()).ok).toBe(true);
        const up = await world.stack().up();
        expect(up.ok).toBe(false);
        expect(up.text).toMatch(/VF203 .*rule web\/rare can't be said in iptables/);
        expect(await own(withoutNft!)).toBe(before);
    });
});
