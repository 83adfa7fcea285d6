import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { sideBySide } from "../support/sideBySide";
import { mustRun } from "../lab/command";
import { untouched } from "./anyHosts";
import { messageOf, openDeployment } from "./deployment";
import { until } from "./standStill";

// Several operations on a busy machine.
jest.setTimeout(90_000);

describeLab("management through a tunnel that ends on the host", () => {
    let lab: Lab;
    let crossed: LabHost;
    let pinned: LabHost;
    let bridged: LabHost;
    let plain: LabHost;
    let program: LabHost;
    let deployer: string;
    const links: string[] = [];
    const clients: ChildProcess[] = [];

    beforeAll(async () => {
        lab = await openLab();
        deployer = lab.deployer.ipv4;
        [crossed, pinned, bridged, program, plain] = await Promise.all([
            lab.addHost("crossed"),
            lab.addHost("pinned"),
            lab.addHost("bridged"),
            lab.addHost("program", { sshdConfig: ["PermitTunnel yes"] }),
            lab.addHost("plain", { userland: "busybox" }),
        ]);
    });
    afterAll(async () => {
        for (const client of clients) {
            const ended = once(client, "exit");
            client.kill();
            await ended;
        }
        for (const link of links) await mustRun(["ip", "link", "delete", link]);
        await lab.close();
    });

    /** A VXLAN between us and the host; `sourcePorts` as ip takes them. We are .1 in it, the host is .2. */
    async function vxlan(host: LabHost, id: number, ...sourcePorts: string[]): Promise<string> {
        const link = `vpsfw-t${id}`;
        const end = (name: string, local: string, remote: string, address: string) =>
            [
                `link add ${name} type vxlan id ${id} dstport 4789 local ${local} remote ${remote} ${sourcePorts.join(" ")}`,
                `addr add ${address}/24 dev ${name}`,
                `link set ${name} up`,
            ].join("\n");
        await mustRun(["ip", "-batch", "-"], { input: end(link, deployer, host.ipv4, `10.99.${id}.1`) });
        links.push(link);
        await host.run(["ip", "-batch", "-"], { input: end("vx0", host.ipv4, deployer, `10.99.${id}.2`) });
        const inside = `10.99.${id}.2`;
        await until(async () => (await lab.connect({ to: inside, port: 22 })) === "open", 10, "the tunnel");
        return inside;
    }

    const SSH = "accept tcp from anywhere to port 22";
    /** A create on the host at its address in the tunnel; what it says and what it ends with. */
    function create(host: LabHost, inside: string, rules: readonly string[], more: object = {}) {
        const { provider, check, said } = openDeployment(lab, { timing: { reach: 20 } });
        const numbered = Object.fromEntries(rules.map((rule, i) => [`r${i}`, rule]));
        const inputs = check(inside, { connection: { hostKey: host.hostKey }, rules: numbered, ...more });
        return { ended: provider.create(inputs), said };
    }
    const refusal = (...args: Parameters<typeof create>) => messageOf(create(...args).ended);

    sideBySide({
        "VXLAN: its own port must pass both ways (VF102); unproved, the host takes back what cuts it": async () => {
            const inside = await vxlan(crossed, 1);
            const arriving = `accept udp from ${deployer} to port 4789`;
            const leaving = `egress accept udp to ${deployer} port 4789`;
            const drop = { defaults: { egress: "drop" } };

            expect(await refusal(crossed, inside, [SSH])).toContain(
                `VF102 ${inside} is reached through a tunnel that ends there, vx0 (vxlan), and after this change its udp from ${deployer} to this host port 4789 is dropped by the default action.`,
            );
            expect(await refusal(crossed, inside, [SSH, arriving], drop)).toContain(
                `udp from this host to ${deployer} port 4789 is dropped by the default action`,
            );
            expect(await untouched(crossed)).toBe(true);

            await create(crossed, inside, [SSH, arriving, leaving], drop).ended;
            expect(await lab.connect({ to: inside, port: 22 })).toBe("open");

            // The host of the test before: the change closes what carries the session.
            const { ended, said } = create(crossed, inside, [SSH], { lockoutCheck: "off" });
            expect(await messageOf(ended)).toMatch(new RegExp(`^VF110 ${inside} took the change back`));
            expect(said).toContainEqual(expect.stringMatching(/^VF106 .*nobody takes back/));
            expect(said).toContainEqual(expect.stringMatching(/^VF120 .*: udp 4789\./));
            expect(await lab.connect({ to: inside, port: 22 })).toBe("open");
        },
        "a bridge with the end of a tunnel in it: only the port towards us counts": async () => {
            const { ipv4, ipv6 } = bridged;
            await bridged.run(`
                ip link add vx9 type vxlan id 9 dstport 4789 remote 198.51.100.9
                ip tuntap add tap9 mode tap
                ip link add br0 type bridge
                ip link set br0 address "$(cat /sys/class/net/eth0/address)"
                ip addr flush dev eth0
                for link in eth0 vx9 tap9; do ip link set $link master br0; done
                for link in br0 vx9 tap9; do ip link set $link up; done
                ip addr add ${ipv4}/24 dev br0; ip addr add ${ipv6}/64 dev br0 nodad
                ip route replace default via ${deployer}`);
            await until(async () => (await lab.connect({ to: ipv4, port: 22 })) === "open", 10, "the bridge");
            await create(bridged, ipv4, [SSH]).ended;
            // Nobody knows behind which port the others are.
            await bridged.run(
                "ip link set br0 type bridge ageing_time 0; ip link set eth0 type bridge_slave learning off",
            );
            expect(await refusal(bridged, ipv4, [SSH, "accept udp from 198.51.100.9 to port 4789"])).toMatch(
                /^VF102 .* tap9 \(tun\), and it can't be proved .* the program at its end is not known/,
            );
        },
        "a host of busybox without a tunnel": () => create(plain, plain.ipv4, [SSH]).ended.then(() => undefined),
        "VXLAN with one source port: new connections work until its state expires, so only the proof notices":
            async () => {
                const inside = await vxlan(pinned, 2, "srcport", "4789", "4790");
                expect(await refusal(pinned, inside, [SSH])).toContain("VF102");
                await create(pinned, inside, [SSH], { lockoutCheck: "off" }).ended;
                expect(await lab.connect({ to: inside, port: 22 })).toBe("open");

                await pinned.run("for f in /proc/sys/net/netfilter/nf_conntrack_udp_timeout*; do echo 1 >$f; done");
                await until(
                    async () => {
                        // Silence, so that the state expires.
                        await mustRun(["ip", "link", "set", "vpsfw-t2", "down"]);
                        await new Promise((resolve) => setTimeout(resolve, 1500));
                        await mustRun(["ip", "link", "set", "vpsfw-t2", "up"]);
                        return (await lab.connect({ to: inside, port: 22, timeout: 1500 })) === "timeout";
                    },
                    20,
                    "the state of the tunnel to expire",
                );
                expect(await lab.connect({ to: pinned.ipv4, port: 22 })).toBe("open");
            },
        "a tun device of a program: its peers must still reach the program": async () => {
            const options = [
                "-o",
                `UserKnownHostsFile=${program.knownHostsFile}`,
                "-i",
                program.keyFile,
                "-o",
                "BatchMode=yes",
            ];
            const client = spawn("ssh", [...options, "-N", "-w", "7:7", `root@${program.ipv4}`], { stdio: "ignore" });
            clients.push(client);
            const present = async (run: Promise<{ code: number | null }>) => (await run).code === 0;
            await until(() => present(program.run("ip link show tun7")), 10, "the tun device");
            await program.run("ip addr add 10.99.3.2/24 dev tun7; ip link set tun7 up");
            await mustRun(["sh", "-c", "ip addr add 10.99.3.1/24 dev tun7; ip link set tun7 up"]);
            const inside = "10.99.3.2";
            await until(async () => (await lab.connect({ to: inside, port: 22 })) === "open", 10, "the tunnel");

            expect(await refusal(program, inside, ["accept tcp from 10.99.3.0/24 to port 22"])).toContain(
                `VF102 ${inside} is reached through a tunnel that ends there, tun7 (tun of sshd), and after this change its tcp from ${deployer} to this host port 22 is dropped by the default action.`,
            );
            expect(await untouched(program)).toBe(true);
            await create(program, inside, [SSH]).ended;
        },
    });
});
