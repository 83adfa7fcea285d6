import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

/** The program of the walkthrough, on hosts of the lab. */
function program(hosts: readonly LabHost[], rules: readonly string[]): string {
    return `
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const office = new AddressSet("office", { entries: ["192.0.2.200", "2001:db8:77::/48"] });
const web = new FirewallTemplate("web", { rules: { ${rules.join(", ")} } });
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web], confirmSeconds: 15 });
}`;
}

const SSH = 'ssh: { service: "ssh", from: office }';
const WEB = 'web: { service: ["http", "https"] }';
const SCANNERS = 'scanners: { action: "drop", from: ["203.0.113.0/24"] }';
const METRICS = 'metrics: "accept tcp from 198.51.100.0/24 to port 9100"';

const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";

describeLab("preview, up, refresh and destroy of a template on real hosts", () => {
    let world: World;
    let hosts: LabHost[];
    let first: LabHost;

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        const addresses = ["192.0.2.10", "192.0.2.11"];
        hosts = await Promise.all(
            addresses.map((ipv4, i) => world.lab.addHost(`web${i}`, { ipv4, ipv6: `2001:db8:5::1${i}` })),
        );
        first = hosts[0]!;
        for (const address of ["203.0.113.9", "198.51.100.10", "2001:db8:bad::9"]) await world.lab.addAddress(address);
        await Promise.all(hosts.flatMap((host) => [80, 3306, 9100].map((port) => host.listen(port))));
    });
    afterAll(() => world.close());

    const STRANGER = "198.51.100.10";
    const SCANNER = "203.0.113.9";
    const reach = (host: LabHost, port: number, from: string, to = host.ipv4) => world.lab.connect({ to, port, from });

    test("a first up takes control: what the template says passes, in both families, and nothing else", async () => {
        world.write(program(hosts, [SSH, WEB, SCANNERS]));
        const preview = await world.stack().preview();
        expect(preview.ok).toBe(true);
        expect(await reach(first, 3306, STRANGER)).toBe("open");

        const up = await world.stack().up();
        expect(up.ok).toBe(true);
        for (const host of hosts) {
            expect(await reach(host, 80, STRANGER)).toBe("open");
            expect(await reach(host, 80, "2001:db8:bad::9", host.ipv6)).toBe("open");
            expect(await reach(host, 80, SCANNER)).toBe("timeout");
            expect(await reach(host, 3306, STRANGER)).toBe("timeout");
            expect(await reach(host, 3306, "2001:db8:bad::9", host.ipv6)).toBe("timeout");
            expect(await reach(host, 22, STRANGER)).toBe("timeout");
        }
        const lines = up.diagnostics.map(({ message }) => message.trimEnd());
        expect(lines).toEqual(
            expect.arrayContaining([
                expect.stringMatching(/^192\.0\.2\.10 {2}checking {10}nftables \d/),
                expect.stringMatching(/^192\.0\.2\.10 {2}applying {10}armed: the host goes back by itself in 15 s/),
                expect.stringMatching(/^192\.0\.2\.10 {2}confirming {8}over a new connection .* confirmed/),
            ]),
        );
    });

    test("nothing to do: no step but same, and nothing is written on the host", async () => {
        const before = await first.run(
            "stat -c %Y.%i /var/lib/vps-firewall/confirmed.nft; nft -a list table inet vps_firewall",
        );
        const up = await world.stack().up();
        expect(up.ok).toBe(true);
        expect(up.json.changeSummary).toEqual({ same: expect.any(Number) });
        const after = await first.run(
            "stat -c %Y.%i /var/lib/vps-firewall/confirmed.nft; nft -a list table inet vps_firewall",
        );
        expect(withoutCounters(after.stdout)).toBe(withoutCounters(before.stdout));
    });

    test("the preview of one narrowed and one new rule names traffic and rules, once each", async () => {
        world.write(program(hosts, [SSH, WEB, SCANNERS, METRICS]));
        const preview = await world.stack().preview({ diff: true });
        const changed = preview.steps.filter(({ op }) => op !== "same");
        expect(changed.map(({ op, urn }) => `${op} ${urn.split("::").slice(-2).join("::")}`).sort()).toEqual([
            "create vpsfw:index:FirewallTemplate$vpsfw:index:FirewallRule::web/metrics",
            `update vpsfw:index:HostFirewall$${RULESET}::192.0.2.10`,
            `update vpsfw:index:HostFirewall$${RULESET}::192.0.2.11`,
        ]);
        const ruleset = changed.find(({ urn }) => urn.endsWith(`${RULESET}::192.0.2.10`));
        expect(Object.keys(ruleset?.detailedDiff ?? {}).sort()).toEqual([
            'exposure["ingress tcp 9100"]',
            'rules["web/metrics"]',
        ]);
        expect(preview.text).toContain('+ ingress tcp 9100: "198.51.100.0/24"');
        expect(preview.text).toContain('+ web/metrics: "accept tcp from 198.51.100.0/24 to port 9100"');

        expect((await world.stack().up()).ok).toBe(true);
        expect(await reach(first, 9100, STRANGER)).toBe("open");
        expect(await reach(first, 9100, SCANNER)).toBe("timeout");
    });

    test("a renamed rule changes lines of rules and no traffic", async () => {
        world.write(program(hosts, [SSH, WEB, SCANNERS, METRICS.replace("metrics:", "exporter:")]));
        const preview = await world.stack().preview();
        const ruleset = preview.steps.find(({ urn }) => urn.endsWith(`${RULESET}::192.0.2.10`));
        expect(Object.keys(ruleset?.detailedDiff ?? {}).sort()).toEqual([
            'rules["web/exporter"]',
            'rules["web/metrics"]',
        ]);
        expect((await world.stack().up()).ok).toBe(true);
        expect(await reach(first, 9100, STRANGER)).toBe("open");
    });

    test("drift: a port opened by hand is shown as traffic and as a rule, and up closes it", async () => {
        await first.run("nft insert rule inet vps_firewall input tcp dport 3306 accept");
        expect(await reach(first, 3306, STRANGER)).toBe("open");

        const preview = await world.stack().preview({ refresh: true, diff: true });
        const update = preview.steps.find(({ op, urn }) => op === "update" && urn.endsWith(`${RULESET}::192.0.2.10`));
        expect(update?.detailedDiff).toMatchObject({
            'exposure["ingress tcp 3306"]': { kind: "delete" },
            'rules["(unmanaged) tcp 3306"]': { kind: "delete" },
        });
        expect(Object.keys(update?.detailedDiff ?? {})).toHaveLength(2);
        expect(preview.text).toContain("(unmanaged) tcp 3306");

        const up = await world.stack().up({ refresh: true });
        expect(up.ok).toBe(true);
        expect(await reach(first, 3306, STRANGER)).toBe("timeout");
    });

    test("a table removed by hand reads as everything open, and up puts it back", async () => {
        await first.run("nft delete table inet vps_firewall");
        const refresh = await world.stack().refresh();
        expect(refresh.ok).toBe(true);
        const ruleset = refresh.state.resources.find(({ urn }) => urn.endsWith(`${RULESET}::192.0.2.10`));
        expect(ruleset?.inputs).toMatchObject({
            rules: {},
            exposure: { "ingress any": "anywhere", "egress any": "anywhere" },
        });
        expect((await world.stack().up()).ok).toBe(true);
        expect(await reach(first, 3306, STRANGER)).toBe("timeout");
    });

    test("EA-3: a change that would lock out is refused before anything changes (VF101)", async () => {
        world.write(program(hosts, [SSH.replace("from: office", 'from: "198.51.100.0/24"'), WEB]));
        const before = await first.run("nft -s list table inet vps_firewall");
        const up = await world.stack().up();
        expect(up.ok).toBe(false);
        expect(up.text).toContain("VF101 this change would lock you out of 192.0.2.10");
        expect(up.text).toContain(
            "192.0.2.200 (the address you deploy from) to port 22 is dropped by the default action",
        );
        expect((await first.run("nft -s list table inet vps_firewall")).stdout).toBe(before.stdout);

        world.write(program(hosts, [SSH, WEB, SCANNERS, METRICS.replace("metrics:", "exporter:")]));
        const again = await world.stack().preview();
        // The state still holds what the hosts run; only the rule component, which no host decides, goes back.
        const changed = again.steps.filter(({ op }) => op !== "same").map(({ urn }) => urn.split("::").at(-1));
        expect(
            changed.filter((name) => name !== "web/ssh" && name !== "web/scanners" && name !== "web/exporter"),
        ).toEqual([]);
    });

    test("EA-48: destroy removes our table and all files, and everything passes again", async () => {
        const destroy = await world.stack().destroy();
        expect(destroy.ok).toBe(true);
        for (const host of hosts) {
            expect((await host.run("nft list tables")).stdout).toBe("");
            expect((await host.run("ls -A /var/lib/vps-firewall /run/vps-firewall 2>/dev/null")).stdout).not.toMatch(
                /nft/,
            );
            expect(await reach(host, 3306, STRANGER)).toBe("open");
        }
        expect(world.stack().state().resources).toEqual([]);
    });
});

function withoutCounters(listing: string): string {
    return listing.replace(/counter packets \d+ bytes \d+/g, "counter");
}
