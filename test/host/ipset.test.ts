import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

const RULESET = "pulumi-nodejs:dynamic/vpsfw:HostRuleset";
const STRANGER = "198.51.100.99";
const BLOCKED = ["203.0.113.9", "2001:db8:bad::9"] as const;
const ADDED = "198.51.100.98";

const HOSTS = [
    { name: "nft-variant", options: { iptables: "nft" } },
    { name: "legacy-variant", options: { iptables: "legacy" } },
    { name: "no-ipset", options: { without: ["ipset"] } },
] as const;

const NETWORKS = Array.from({ length: 300 }, (_, i) =>
    `10.${i}.0.0/17`.replace(/^10\.(\d+)/, (_, n) => `${20 + (n >> 8)}.${n & 255}`),
);
const NETWORKS6 = Array.from({ length: 300 }, (_, i) => `2001:db8:bad:${(2 * i).toString(16)}::/64`);

describeLab("long lists of addresses on hosts with iptables", () => {
    let world: World;
    let hosts: LabHost[];
    let withIpset: LabHost[];

    beforeAll(async () => {
        world = await openWorld({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(HOSTS.map(({ name, options }) => world.lab.addHost(name, options)));
        withIpset = hosts.slice(0, 2);
        for (const address of [STRANGER, ...BLOCKED, ADDED]) await world.lab.addAddress(address);
        await Promise.all(hosts.map((host) => host.listen(80)));
    });
    afterAll(() => world.close());

    function write(more: readonly string[] = []): void {
        const list = hosts.map(({ name, ipv4: host }) => ({ name, host }));
        const entries = [...NETWORKS, "203.0.113.0/24", ...NETWORKS6, ...more];
        world.write(`
import { AddressSet, FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const blocked = new AddressSet("blocked", { entries: ${JSON.stringify(entries)} });
const web = new FirewallTemplate("web", { rules: {
    ssh: { service: "ssh" }, blocked: { action: "drop", from: blocked }, web: { service: "http" },
} });
for (const { name, host } of ${JSON.stringify(list)})
    new HostFirewall(name, {
        connection: { host, user: "root" }, templates: [web], confirmSeconds: 15, backend: "iptables",
    });`);
    }

    const reach = (host: LabHost, from: string) =>
        world.lab.connect({ to: from.includes(":") ? host.ipv6 : host.ipv4, port: 80, from });
    const up = async (refresh = false) => {
        const result = await world.stack().up({ refresh });
        if (!result.ok) throw new Error(result.text);
        return result;
    };
    const setsOn = async (host: LabHost) => (await host.run("ipset list -n")).stdout.split("\n").filter(Boolean).sort();
    const rulesOn = async (host: LabHost) => {
        const { stdout } = await host.run("iptables-save -t filter; ip6tables-save -t filter");
        return stdout.match(/^-A VPSFW-IN .*"web\/blocked".*$/gm) ?? [];
    };
    const NAMES = [/^vpsfw4-[0-9a-f]{16}$/, /^vpsfw6-[0-9a-f]{16}$/].map(
        (form) => expect.stringMatching(form) as string,
    );

    test("each is one set and one rule of a family; without ipset it is as many rules", async () => {
        write();
        await up();
        for (const host of withIpset) {
            expect(await setsOn(host)).toEqual(NAMES);
            expect(await rulesOn(host)).toHaveLength(2);
        }
        expect(await rulesOn(hosts[2]!)).toHaveLength(601);
        for (const host of hosts) {
            for (const from of BLOCKED) expect([host.name, await reach(host, from)]).toEqual([host.name, "timeout"]);
            for (const from of [STRANGER, ADDED])
                expect([host.name, await reach(host, from)]).toEqual([host.name, "open"]);
        }
        expect((await up(true)).json.changeSummary).toEqual({ same: expect.any(Number) });
    });

    test("another list is another set, and the old one goes; the list that stays is not loaded again", async () => {
        const before = await Promise.all(withIpset.map(setsOn));
        write([ADDED]);
        await up();
        for (const [i, host] of withIpset.entries()) {
            const after = await setsOn(host);
            expect(after).toEqual(NAMES);
            expect(after[0]).not.toBe(before[i]![0]);
            expect(after[1]).toBe(before[i]![1]);
        }
        for (const host of hosts) expect(await reach(host, ADDED)).toBe("timeout");
    });

    test("an entry taken out or put in by hand is drift; up puts it back", async () => {
        for (const host of withIpset) {
            const [set = ""] = await setsOn(host);
            await host.run(`ipset del ${set} 203.0.113.0/24; ipset add ${set} 198.51.100.0/24`);
            expect(await reach(host, BLOCKED[0])).toBe("open");
            expect(await reach(host, STRANGER)).toBe("timeout");
        }
        const preview = await world.stack().preview({ diff: true, refresh: true });
        const changed = preview.steps.filter(({ op, urn }) => op === "update" && urn.includes(RULESET));
        expect(changed.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual(["legacy-variant", "nft-variant"]);
        for (const { detailedDiff } of changed) expect(Object.keys(detailedDiff!)).toContain('rules["web/blocked"]');
        await up(true);
        for (const host of withIpset) {
            expect(await reach(host, BLOCKED[0])).toBe("timeout");
            expect(await reach(host, STRANGER)).toBe("open");
            expect(await setsOn(host)).toEqual(NAMES);
        }
    });

    test("a change of which the second family does not load leaves rules and sets as they were", async () => {
        for (const host of withIpset)
            await host.run(`cat >/usr/local/sbin/ip6tables-restore <<'END'
#!/bin/sh
case "$*" in *--test*) exec /usr/sbin/ip6tables-restore "$@" ;; esac
echo "no room" >&2
exit 1
END
chmod 755 /usr/local/sbin/ip6tables-restore
for variant in nft legacy; do ln -s ip6tables-restore /usr/local/sbin/ip6tables-$variant-restore; done`);
        const before = await Promise.all(withIpset.map(setsOn));
        write();
        const result = await world.stack().up();
        expect(result.ok).toBe(false);
        expect(result.text).toContain("no room");
        for (const host of withIpset) await host.run("rm -f /usr/local/sbin/ip6tables*restore");
        for (const [i, host] of withIpset.entries()) {
            expect(await setsOn(host)).toEqual(before[i]);
            expect(await reach(host, ADDED)).toBe("timeout");
        }
        await up();
        for (const host of hosts) expect(await reach(host, ADDED)).toBe("open");
    });

    test("a reboot loads the sets before the rules", async () => {
        const before = await Promise.all(withIpset.map(setsOn));
        for (const [i, host] of withIpset.entries()) {
            await host.reboot();
            await host.listen(80);
            expect(await setsOn(host)).toEqual(before[i]);
            expect(await reach(host, BLOCKED[0])).toBe("timeout");
            expect(await reach(host, STRANGER)).toBe("open");
        }
        expect((await up(true)).json.changeSummary).toEqual({ same: expect.any(Number) });
    });

    test("a delete leaves no set, and those of others as they were", async () => {
        for (const host of withIpset) await host.run("ipset create theirs hash:ip && ipset add theirs 192.0.2.1");
        const result = await world.stack().destroy();
        expect(result.ok).toBe(true);
        for (const host of withIpset) {
            expect(await setsOn(host)).toEqual(["theirs"]);
            expect((await host.run("ipset save")).stdout).toContain("add theirs 192.0.2.1\n");
        }
    });
});
