import { describeLab, type LabHost } from "../lab";
import { openWorld, type World } from "./world";

/** What others keep in the packet filter of a busy host, without counters, which packets change. */
const FOREIGN = `
table ip nat {
    map published { type inet_service : ipv4_addr . inet_service; elements = { 8080 : 172.17.0.2 . 80 }; }
    chain DOCKER { iifname != "docker0" tcp dport 8443 dnat to 172.17.0.3:443; }
    chain PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local jump DOCKER; }
    chain POSTROUTING {
        type nat hook postrouting priority srcnat; policy accept
        oifname != "docker0" ip saddr 172.17.0.0/16 masquerade
    }
}
table ip filter {
    chain DOCKER-USER { return; }
    chain DOCKER { ip daddr 172.17.0.2 iifname != "docker0" oifname "docker0" tcp dport 80 accept; }
    chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; jump DOCKER; }
}
table ip6 filter {
    chain FORWARD { type filter hook forward priority filter; policy drop; }
}
table inet f2b-table {
    set addr-set-sshd { type ipv4_addr; elements = { 203.0.113.9, 203.0.113.10 }; }
    set addr6-set-sshd { type ipv6_addr; flags interval; elements = { 2001:db8:bad::/48 }; }
    chain f2b-chain {
        type filter hook input priority filter - 1; policy accept
        tcp dport 22 ip saddr @addr-set-sshd reject with icmp port-unreachable
        tcp dport 22 ip6 saddr @addr6-set-sshd reject
    }
}
table inet filter {
    set seen { type ipv4_addr; flags dynamic, timeout; timeout 1h; }
    limit slow { rate 10/second burst 20 packets; }
    quota large { over 10 mbytes; }
    ct helper ftp { type "ftp" protocol tcp; }
    chain refuse { reject with tcp reset; }
    map verdicts { type inet_service : verdict; elements = { 25 : drop, 4444 : jump refuse }; }
    chain input {
        type filter hook input priority filter + 10; policy accept
        tcp dport vmap @verdicts
        udp dport { 137-139, 1900 } drop comment "noise; it's; $(nothing)"
        tcp dport 2222 ct state new add @seen { ip saddr limit rate 3/minute } accept
    }
}
table inet vps_firewall_of_another_tool {
    chain input { type filter hook input priority filter; policy accept; }
}
table arp filter {
    chain input { type filter hook input priority filter; policy accept; arp operation request accept; }
}
table bridge filter {
    chain forward { type filter hook forward priority filter; policy accept; ether type arp accept; }
}
table netdev early {
    chain ingress { type filter hook ingress device "eth0" priority -500; policy accept; ip saddr 203.0.113.66 drop; }
}
`;

describeLab("tables of others", () => {
    let world: World;
    let host: LabHost;
    let before: string;

    beforeAll(async () => {
        world = await openWorld();
        host = await world.lab.addHost("web1");
        // nft 1.0.6 wants a line break before a closing brace.
        const loaded = await host.run(["nft", "-f", "-"], { input: FOREIGN.replace(/; }$/gm, "\n}") });
        if (loaded.code !== 0) throw new Error(loaded.stderr);
        before = await listAll();
        expect(before.match(/^table /gm)).toHaveLength(9);
    });
    afterAll(() => world.close());

    /** Every table but ours, with handles. */
    async function listAll(): Promise<string> {
        const { stdout, stderr } = await host.run(`
            nft list tables | while read -r _ family name; do
                [ "$family $name" = "inet vps_firewall" ] || nft -a -s list table "$family" "$name"
            done`);
        return stdout + stderr;
    }

    function write(rules: string, more = ""): void {
        world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ${rules} } });
const host = ${JSON.stringify(host.ipv4)};
new HostFirewall("web1", { connection: { host, user: "root" }, templates: [web], confirmSeconds: 5${more} });`);
    }
    const SSH = 'ssh: { service: "ssh" }';

    test("are byte-identical after create, change and refresh", async () => {
        write(SSH);
        expect((await world.stack().up()).ok).toBe(true);
        expect(await listAll()).toBe(before);

        write(`${SSH}, scanners: { action: "drop", from: ["203.0.113.0/24", "2001:db8:bad::/48"] }`);
        expect((await world.stack().up()).ok).toBe(true);
        expect(await listAll()).toBe(before);

        expect((await world.stack().refresh()).ok).toBe(true);
        expect(await listAll()).toBe(before);
    });

    test("are byte-identical after a change that was refused (VF101) and one that was taken back (VF110)", async () => {
        write('web: { service: "https" }');
        const refused = await world.stack().up();
        expect(refused.text).toContain("VF101");
        expect(await listAll()).toBe(before);

        write('web: { service: "https" }', ', lockoutCheck: "off"');
        const takenBack = await world.stack().up();
        expect(takenBack.text).toContain("VF110");
        expect((await host.run("nft list table inet vps_firewall")).stdout).toContain('comment "web/scanners"');
        expect(await listAll()).toBe(before);
    });

    test("EA-48: are byte-identical after destroy, which leaves nothing of ours", async () => {
        expect((await world.stack().destroy()).ok).toBe(true);
        expect(await listAll()).toBe(before);
        expect((await host.run("nft list tables | sort")).stdout).toBe(
            [...before.matchAll(/^table (\S+ \S+) \{/gm)]
                .map((found) => `table ${found[1]}\n`)
                .sort()
                .join(""),
        );
    });
});
