import { describeLab, type LabHost, runCommand } from "../../lab";
import { openWorld, type World } from "../world";
import { inHost, serve, startDocker } from "./engine";

const STRANGER = "203.0.113.9";
const STRANGER6 = "2001:db8:77::9";
/** Of the default network, by the daemon. */
const CONTAINER = "172.17.0.2";

const OURS = {
    nftables: "nft -s list table inet vps_firewall",
    iptables: `for family in iptables ip6tables; do for table in filter mangle; do $family-save -t $table | grep VPSFW-; done; done`,
};
const OPEN_BY_HAND = {
    nftables: "nft insert rule inet vps_firewall published accept",
    iptables: "iptables -t mangle -I VPSFW-CTR 1 -j RETURN",
};

describeLab("ports that Docker publishes", () => {
    describe.each([
        ["docker20", "nftables", "nft"],
        ["docker26", "nftables", "nft"],
        ["docker28", "nftables", "nft"],
        ["docker20", "iptables", "nft"],
        ["docker26", "iptables", "nft"],
        ["docker26", "iptables", "legacy"],
        ["docker28", "iptables", "nft"],
    ] as const)("%s, with ours in %s and its own in iptables-%s", (userland, backend, variant) => {
        let world: World;
        let host: LabHost;

        beforeAll(async () => {
            world = await openWorld();
            host = await world.lab.addHost("web1", { kind: "systemd", userland, iptables: variant });
            await startDocker(host);
            await serve(host, "web", "-p 8080:80 -p 8081:80");
            await world.lab.addAddress(STRANGER);
            await world.lab.addAddress(STRANGER6);
            // A neighbour that knows the way to the containers.
            await runCommand(["ip", "route", "replace", "172.17.0.0/16", "via", host.ipv4]);
        }, 180_000);
        afterAll(async () => {
            await runCommand(["ip", "route", "del", "172.17.0.0/16"]);
            await world.close();
        });

        function write(rules: string, more = ""): void {
            world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", { rules: { ssh: "accept tcp from anywhere to port 22", ${rules} } });
const host = ${JSON.stringify(host.ipv4)};
new HostFirewall("web1", { connection: { host, user: "root" }, templates: [web], backend: "${backend}", confirmSeconds: 15${more} });`);
        }
        const up = async () => {
            const result = await world.stack().up({ refresh: true });
            expect([result.ok, result.ok ? "" : result.text]).toEqual([true, ""]);
            return result.text;
        };
        const reach = (port: number, to = host.ipv4, from = to.includes(":") ? STRANGER6 : STRANGER) =>
            world.lab.connect({ to, port, from });
        const verdicts = async () => ({
            8080: await reach(8080),
            "8080 IPv6": await reach(8080, host.ipv6),
            8081: await reach(8081),
            "8081 IPv6": await reach(8081, host.ipv6),
            "the container itself": await reach(80, CONTAINER),
        });
        const COVERED = {
            8080: "open",
            "8080 IPv6": "open",
            8081: "timeout",
            "8081 IPv6": "timeout",
            "the container itself": "timeout",
        };

        test("are open before; a first apply names those that close, and opens only the accepted published one", async () => {
            expect(await reach(8081)).toBe("open");
            write('published: "accept tcp from anywhere to port 8080"');
            const text = await up();
            expect(text).toMatch(new RegExp(`VF196 .*${host.ipv4} publish .*: tcp 8081 \\(${CONTAINER}:80\\)`));
            expect(text).not.toContain("tcp 8080 (");
            expect(await verdicts()).toEqual(COVERED);
        });

        test("containers reach each other, the host and the world; the host reaches them", async () => {
            const listeners = [await world.lab.listen(9000), await host.listen(81)];
            try {
                const ask = (to: string, port: number) =>
                    inHost(
                        host,
                        `docker run --rm lab/web /bin/busybox sh -c 'printf "GET /index.html HTTP/1.0\\r\\n\\r\\n" |
                            /bin/busybox nc -w 3 ${to} ${port} && echo reached'`,
                    );
                expect(await ask(CONTAINER, 80)).toContain("hello");
                expect(await ask(world.lab.deployer.ipv4, 9000)).toContain("reached");
                // A port of the host is one of its own: what comes from a container comes in.
                await expect(ask("172.17.0.1", 81)).rejects.toThrow();
                for (const [to, port] of [
                    [CONTAINER, 80],
                    ["127.0.0.1", 8081],
                    [host.ipv4, 8081],
                ] as const)
                    expect(await host.connect({ to, port })).toBe("open");
            } finally {
                await Promise.all(listeners.map((listener) => listener.close()));
            }
        });

        test("stay as they are when Docker is restarted, and when the host reboots", async () => {
            const before = await inHost(host, OURS[backend]);
            await inHost(host, "systemctl restart docker");
            expect(await inHost(host, OURS[backend])).toBe(before);
            expect(await verdicts()).toEqual(COVERED);
            await host.reboot();
            await inHost(host, "systemctl start docker");
            expect(await verdicts()).toEqual(COVERED);
        });

        test("the number of the container opens nothing", async () => {
            write('container: "accept tcp from anywhere to port 80"');
            await up();
            expect(await verdicts()).toEqual({ ...COVERED, 8080: "timeout", "8080 IPv6": "timeout" });
        });

        test("a source counts, and a rule that drops", async () => {
            write(
                'office: "accept tcp from 198.51.100.0/24 to port 8080", all: "accept tcp from anywhere to port 8081", bad: { action: "drop", from: "203.0.113.0/24" }',
            );
            await up();
            expect([await reach(8080), await reach(8081), await reach(8081, host.ipv6)]).toEqual([
                "timeout",
                "timeout",
                "open",
            ]);
        });

        test("pass by where they are left alone, and that is said; what was changed by hand is drift", async () => {
            write('none: "accept tcp from anywhere to port 81"', ', containers: "leave"');
            expect(await up()).toMatch(/VF197 .*tcp 8080 \(172\.17\.0\.2:80\), tcp 8081/);
            expect([await reach(8080), await reach(8081)]).toEqual(["open", "open"]);

            write('published: "accept tcp from anywhere to port 8080"');
            await up();
            expect(await verdicts()).toEqual(COVERED);
            await inHost(host, OPEN_BY_HAND[backend]);
            expect(await reach(8081)).toBe("open");
            const preview = await world.stack().preview({ refresh: true, diff: true });
            expect(preview.text).toMatch(/\(unmanaged\)/);
            await up();
            expect(await verdicts()).toEqual(COVERED);
            const again = await world.stack().preview({ refresh: true });
            expect(again.json.changeSummary).toEqual({ same: expect.any(Number) });
        });

        test("rules for what leaves are of the host: what a container sends is its engine's affair", async () => {
            const listener = await world.lab.listen(9000);
            const to = world.lab.deployer.ipv4;
            try {
                write(
                    'published: "accept tcp from anywhere to port 8080", quiet: "egress reject tcp to anywhere port 9000"',
                );
                await up();
                expect(await host.connect({ to, port: 9000 })).toBe("refused");
                const ask = `docker run --rm lab/web /bin/busybox sh -c '/bin/busybox nc -w 3 ${to} 9000 </dev/null && echo reached'`;
                expect(await inHost(host, ask)).toContain("reached");
            } finally {
                await listener.close();
            }
        });

        test("of a network with IPv6 are decided too, and so is a container without the userland proxy", async () => {
            // Before 27 the rules of IPv6 are an experiment.
            const settings = { ip6tables: true, experimental: true, "userland-proxy": false };
            await inHost(host, "systemctl stop docker docker.socket");
            await startDocker(host, settings);
            await inHost(host, "docker network create --ipv6 --subnet fd99::/64 six");
            await serve(host, "six", "--network six -p 8082:80 -p 8083:80");
            write('published: "accept tcp from anywhere to port 8080, 8082"');
            await up();
            const found = [
                await reach(8082),
                await reach(8082, host.ipv6),
                await reach(8083),
                await reach(8083, host.ipv6),
            ];
            expect(found).toEqual(["open", "open", "timeout", "timeout"]);
            expect([await reach(8080), await reach(8081)]).toEqual(["open", "timeout"]);
        });

        test("are open again once the firewall is destroyed", async () => {
            expect((await world.stack().destroy()).ok).toBe(true);
            expect([await reach(8080), await reach(8081)]).toEqual(["open", "open"]);
        });
    });
});
