import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { runCommand } from "../../lab/command";
import { openDeployment } from "../deployment";
import { type Bridge, dockerBridges } from "./dockerBridges";
import { inHost } from "./engine";

const STRANGER = "203.0.113.9";
const STRANGER6 = "2001:db8:77::9";
const SSH = { ssh: "accept tcp from anywhere to port 22" };
const PUBLISHED = { ...SSH, shop: "accept tcp from anywhere to port 8080, 8082" };

/** Docker's own network, of IPv4 alone, and one of both families; a namespace stands in for each container. */
const USER_BRIDGE = "br-58a9c8d1e2f3";
const WEB = "172.17.0.2";
const BESIDE = "172.17.0.3";
const API = { ip: "172.18.0.2", ip6: "fd58::2" };
const BRIDGES: Readonly<Record<"ip" | "ip6", readonly Bridge[]>> = {
    ip: [
        {
            name: "docker0",
            subnet: "172.17.0.0/16",
            containers: [
                {
                    address: WEB,
                    published: [
                        { port: 8080, containerPort: 80 },
                        { port: 8081, containerPort: 80 },
                        { port: 8084, containerPort: 80, on: "127.0.0.1" },
                    ],
                },
                { address: BESIDE, published: [] },
            ],
        },
        userNetwork("172.18.0.0/16", API.ip),
    ],
    ip6: [userNetwork("fd58::/64", API.ip6)],
};

function userNetwork(subnet: string, address: string): Bridge {
    const published = [8082, 8083].map((port) => ({ port, containerPort: 80 }));
    return { name: USER_BRIDGE, subnet, containers: [{ address, published }] };
}

const NETWORK = `
set -e
for setting in ipv4/ip_forward ipv6/conf/all/forwarding; do echo 1 >/proc/sys/net/$setting; done
for bridge in docker0 ${USER_BRIDGE}; do ip link add $bridge type bridge; ip link set $bridge up; done
ip addr add 172.17.0.1/16 dev docker0
ip addr add 172.18.0.1/16 dev ${USER_BRIDGE}
ip addr add fd58::1/64 dev ${USER_BRIDGE} nodad
mkdir -p /opt/www && echo hello >/opt/www/index.html
container() { # NAME BRIDGE ADDRESS GATEWAY [ADDRESS6 GATEWAY6]
    ip netns add $1
    ip link add v$1 type veth peer name eth0 netns $1
    ip link set v$1 master $2 up
    ip -n $1 link set lo up
    ip -n $1 link set eth0 up
    ip -n $1 addr add $3 dev eth0
    ip -n $1 route add default via $4
    if [ $# -gt 4 ]; then
        ip -n $1 addr add $5 dev eth0 nodad
        ip -n $1 route add default via $6
    fi
    ip netns exec $1 setsid busybox httpd -f -p 80 -h /opt/www </dev/null >/dev/null 2>&1 &
}
container web docker0 ${WEB}/16 172.17.0.1
container beside docker0 ${BESIDE}/16 172.17.0.1
container api ${USER_BRIDGE} ${API.ip}/16 172.18.0.1 ${API.ip6}/64 fd58::1
until ip netns exec api busybox nc -w 1 ${WEB} 80 </dev/null && ip netns exec web busybox nc -w 1 ${API.ip} 80 </dev/null; do sleep 0.1; done`;

const OURS = {
    nftables: "nft -s list table inet vps_firewall",
    iptables: `for family in iptables ip6tables; do for table in filter mangle; do $family-save -t $table | grep VPSFW-; done; done`,
};

describeLab("ports that Docker 29 publishes by nftables", () => {
    // nft 1.0.6 and 1.1.7; with one version in a host, since older ones crash on what newer ones write.
    describe.each([
        ["bookworm", "nftables"],
        ["bookworm", "iptables"],
        ["docker28", "nftables"],
        ["docker28", "iptables"],
    ] as const)("with the nft of %s, ours in %s", (userland, backend) => {
        let lab: Lab;
        let host: LabHost;

        beforeAll(async () => {
            lab = await openLab();
            host = await lab.addHost("web1", { userland, iptables: "nft" });
            await inHost(host, NETWORK);
            for (const address of [STRANGER, STRANGER6]) await lab.addAddress(address);
            // A neighbour that knows the way to the containers.
            for (const [prefix, way] of Object.entries({ "172.16.0.0/12": host.ipv4, "fd58::/64": host.ipv6 }))
                await runCommand(["ip", "route", "replace", prefix, "via", way]);
        }, 300_000);
        afterAll(async () => {
            for (const prefix of ["172.16.0.0/12", "fd58::/64"]) await runCommand(["ip", "route", "del", prefix]);
            await lab.close();
        });

        /** As a daemon does it that starts: its tables are emptied, and filled in steps. */
        async function startDocker(direct: boolean): Promise<string> {
            for (const family of ["ip", "ip6"] as const) {
                const table = `${family} docker-bridges`;
                const before = dockerBridges(family, []);
                const empty = `table ${table} { }\nflush table ${table}\ndelete table ${table}\n${before}`;
                await load(empty);
                await load(`delete table ${table}\n${dockerBridges(family, BRIDGES[family], direct)}`);
            }
            return dockers();
        }
        async function load(text: string): Promise<void> {
            const { code, stderr } = await host.run(["nft", "-f", "-"], { input: text });
            if (code !== 0) throw new Error(stderr);
        }
        const dockers = () =>
            inHost(host, "for family in ip ip6; do nft -a -s list table $family docker-bridges; done");
        const reach = (port: number, to = host.ipv4) =>
            lab.connect({ to, port, from: to.includes(":") ? STRANGER6 : STRANGER });
        const both = (port: number) => Promise.all([reach(port), reach(port, host.ipv6)]);
        const verdicts = async () => {
            const [on8080, on8081, on8082, on8083, containers] = await Promise.all([
                reach(8080),
                reach(8081),
                both(8082),
                both(8083),
                Promise.all([WEB, API.ip, API.ip6].map((address) => reach(80, address))),
            ]);
            return { 8080: on8080, 8081: on8081, 8082: on8082, 8083: on8083, containers };
        };
        const BOTH_CLOSED = ["timeout", "timeout"];
        const COVERED = {
            8080: "open",
            8081: "timeout",
            8082: ["open", "open"],
            8083: BOTH_CLOSED,
            containers: ["timeout", ...BOTH_CLOSED],
        };
        const from = (container: string, to: string, port: number) =>
            host.run(
                `printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | ip netns exec ${container} busybox nc -w 2 ${to} ${port}`,
            );

        test.each([
            ["", false],
            [", with direct routing allowed", true],
        ])(
            "only the accepted published ports are open, both families, and Docker's tables stay%s",
            async (_, direct) => {
                const before = await startDocker(direct);
                const open = { 8080: "open", 8081: "open", 8082: ["open", "open"], 8083: ["open", "open"] };
                expect(await verdicts()).toEqual({
                    ...open,
                    containers: direct ? ["open", "open", "open"] : ["timeout", "timeout", "timeout"],
                });

                const { provider, check, said } = openDeployment(lab);
                const created = await provider.create(check(host, { backend, rules: PUBLISHED }));
                // The first apply names what closes, and nothing that stays open or was reached by nobody.
                const [, closing] = /^VF196 .* publish .*?: (.*?)\. /m.exec(said.join("\n")) ?? [];
                expect(closing?.split(", ").sort()).toEqual([
                    `tcp 8081 (${WEB}:80)`,
                    `tcp 8083 (${API.ip}:80)`,
                    `tcp 8083 ([${API.ip6}]:80)`,
                ]);
                expect(said.join("\n")).not.toMatch(/^VF19[0-25]/m);
                expect(await verdicts()).toEqual(COVERED);
                expect(await dockers()).toBe(before);

                // The daemon is started again.
                const ours = await inHost(host, OURS[backend]);
                await startDocker(direct);
                expect(await inHost(host, OURS[backend])).toBe(ours);
                expect(await verdicts()).toEqual(COVERED);
                const restarted = await dockers();

                const read = await provider.read(created.id, created.outputs);
                expect(read.outputs.rules).toEqual(created.outputs.rules);
                said.length = 0;
                const rules = { ...SSH, other: "accept tcp from anywhere to port 80, 8083" };
                const changed = await provider.update(created.id, check(host, { backend, rules }), created.outputs);
                expect(said.join("\n")).not.toMatch(/^VF19[0-25]/m);
                expect(await verdicts()).toEqual({
                    8080: "timeout",
                    8081: "timeout",
                    8082: BOTH_CLOSED,
                    8083: ["open", "open"],
                    containers: COVERED.containers,
                });
                expect(await dockers()).toBe(restarted);

                await provider.delete(created.id, changed);
                expect(await dockers()).toBe(restarted);
                expect(await verdicts()).toMatchObject(open);
            },
        );

        test("containers reach each other, the world and published ports; what they ask of the host is decided", async () => {
            await startDocker(false);
            const { provider, check } = openDeployment(lab);
            const created = await provider.create(check(host, { backend, rules: PUBLISHED }));
            const [outside, outside6] = [await lab.listen(9000), await host.listen(81)];
            try {
                expect((await from("beside", WEB, 80)).stdout).toContain("hello");
                expect((await from("beside", host.ipv4, 8083)).stdout).toContain("hello");
                for (const to of [lab.deployer.ipv4, lab.deployer.ipv6])
                    expect([to, (await from("api", to, 9000)).code]).toEqual([to, 0]);
                // Docker keeps its networks apart, and a port of the host is one of its own.
                expect((await from("beside", API.ip, 80)).code).not.toBe(0);
                expect((await from("beside", "172.17.0.1", 81)).code).not.toBe(0);
                // The host itself reaches them all.
                for (const [to, port] of [
                    [WEB, 80],
                    [API.ip6, 80],
                    [host.ipv4, 8081],
                    [host.ipv6, 8083],
                ] as const)
                    expect([to, await host.connect({ to, port })]).toEqual([to, "open"]);
            } finally {
                await Promise.all([outside, outside6].map((listener) => listener.close()));
            }
            await provider.delete(created.id, created.outputs);
        });
    });
});
