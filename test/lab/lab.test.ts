import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { describeLab, mustRun, openLab, runCommand, runOutside, type Lab, type LabHost } from ".";

/** Runs a command on the host over SSH, with everything that the lab gives for it. */
function ssh(host: LabHost, command: string, { address = host.ipv4, user = "root" } = {}) {
    const options = ["StrictHostKeyChecking=yes", "BatchMode=yes", `UserKnownHostsFile=${host.knownHostsFile}`];
    return runCommand([
        "ssh",
        ...["-F", "none", "-i", host.keyFile, "-p", String(host.port)],
        ...options.flatMap((option) => ["-o", option]),
        `${user}@${address}`,
        command,
    ]);
}

describeLab("the lab", () => {
    let lab: Lab;
    let web1: LabHost;
    let web2: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        [web1, web2] = await Promise.all([lab.addHost("web1"), lab.addHost("web2")]);
    });
    afterAll(() => lab?.close());
    afterEach(() => Promise.all([web1, web2].map((host) => host.run("nft flush ruleset"))));

    /** Loads an input chain into web1 that decides as told. */
    async function filter(rule: string) {
        const table = `table inet lab { chain input { type filter hook input priority 0; ${rule}; }; }`;
        expect(await web1.run(["nft", "-f", "-"], { input: table })).toMatchObject({ code: 0, stderr: "" });
    }

    describe("a host", () => {
        test("answers ssh over IPv4 and IPv6 with the keys the lab tells", async () => {
            for (const [address, from] of [
                [web1.ipv4, lab.deployer.ipv4],
                [web1.ipv6, lab.deployer.ipv6],
            ]) {
                const result = await ssh(web1, "hostname; echo $SSH_CONNECTION", { address });
                expect(result.stderr).toBe("");
                expect(result.stdout.split("\n")[0]).toBe("web1");
                expect(result.stdout.split(/[\n ]/)[1]).toBe(from);
            }
            expect(web1.hostKey).toMatch(/^ssh-ed25519 AAAA/);
            expect(web1.hostKeys).toHaveLength(3);
            expect(web1.hostKey).not.toBe(web2.hostKey);
        });

        test("is its own machine: name, machine-id, process tree", async () => {
            const { stdout } = await web1.run("hostname; cat /etc/machine-id; cat /proc/[0-9]*/comm");
            const [name, machineId, ...processes] = stdout.trim().split("\n");
            expect([name, machineId]).toEqual(["web1", web1.machineId]);
            expect(web1.machineId).not.toBe(web2.machineId);
            expect(new Set(processes)).toEqual(new Set(["sh", "sshd", "cat"]));
        });

        test("has its own files: what it writes exists nowhere else", async () => {
            const folders = ["/etc", "/run", "/var/lib", "/usr/sbin", "/root", "/home", "/tmp", "/dev/shm"];
            const files = folders.map((folder) => `${folder}/lab-${web1.machineId}`);
            expect(await web1.run(["touch", ...files])).toMatchObject({ code: 0 });
            expect((await web2.run(`ls ${files.join(" ")} 2>/dev/null`)).stdout).toBe("");
            expect(files.filter((file) => existsSync(file))).toEqual([]);
        });

        test("begins without the machine's homes, keys and state of ours", async () => {
            const { stdout } = await web2.run("find /root /home /tmp /var/lib/vps-firewall -type f 2>/dev/null");
            expect(stdout.trim()).toBe("/root/.ssh/authorized_keys");
        });

        test("has its own packet filter", async () => {
            const before = await runCommand(["nft", "list", "ruleset"]);
            await filter("tcp dport 1 drop");
            expect((await web1.run("nft list tables")).stdout).toBe("table inet lab\n");
            expect((await web2.run("nft list tables")).stdout).toBe("");
            expect(await runCommand(["nft", "list", "ruleset"])).toEqual(before);
        });

        test("reaps what is orphaned in it", async () => {
            await web1.run("for i in 1 2 3; do (setsid sleep 0.05 &); done; sleep 0.3");
            expect((await web1.run("grep -l '^State:.Z' /proc/[0-9]*/status")).stdout).toBe("");
        });

        test("tells status, output and errors of a command, and gives it input", async () => {
            expect(await web1.run("cat; echo oops >&2; exit 3", { input: "hello" })).toEqual({
                code: 3,
                stdout: "hello",
                stderr: "oops\n",
            });
        });
    });

    describe("the network", () => {
        test("tells open, refused, dropped and unreachable apart, over both families", async () => {
            const listener = await web1.listen(8080);
            await filter("tcp dport 8081 drop; tcp dport 8082 reject with icmpx type admin-prohibited");
            for (const to of [web1.ipv4, web1.ipv6]) {
                const outcome = (port: number) => lab.connect({ to, port });
                expect(await outcome(8080)).toBe("open");
                expect(await outcome(8081)).toBe("timeout");
                expect(await outcome(8082)).toBe("unreachable");
                expect(await outcome(8083)).toBe("refused");
            }
            expect(await listener.received()).toBe(2);
            await listener.close();
            expect(await lab.connect({ to: web1.ipv4, port: 8080 })).toBe("refused");
        });

        test("does the same for UDP", async () => {
            const listener = await web1.listen(5353, { protocol: "udp" });
            await filter("udp dport 5354 drop");
            for (const to of [web1.ipv4, web1.ipv6]) {
                const outcome = (port: number) => lab.askUdp({ to, port, timeout: 300 });
                expect(await outcome(5353)).toBe("answer");
                expect(await outcome(5354)).toBe("timeout");
                expect(await outcome(5355)).toBe("refused");
            }
            await listener.close();
        });

        test("lets the deployer come as a stranger", async () => {
            const strangers = ["203.0.113.9", "2001:db8:bad::9"];
            for (const stranger of strangers) await lab.addAddress(stranger);
            const listener = await web1.listen(8080);
            const outcomes = () =>
                Promise.all([
                    lab.connect({ to: web1.ipv4, port: 8080, from: strangers[0]!, timeout: 300 }),
                    lab.connect({ to: web1.ipv6, port: 8080, from: strangers[1]!, timeout: 300 }),
                    lab.connect({ to: web1.ipv4, port: 8080 }),
                ]);
            expect(await outcomes()).toEqual(["open", "open", "open"]);
            await filter("ip saddr 203.0.113.0/24 drop; ip6 saddr 2001:db8:bad::/48 drop");
            expect(await outcomes()).toEqual(["timeout", "timeout", "open"]);
            await listener.close();
        });

        test("an address that is not the deployer's is the test's mistake, not an outcome", async () => {
            await expect(lab.connect({ to: web1.ipv4, port: 22, from: "198.51.100.99" })).rejects.toThrow(
                "198.51.100.99",
            );
        });

        test("leads from host to host and to the deployer", async () => {
            await lab.addAddress("9.9.9.9");
            const resolver = await lab.listen(53, { protocol: "udp", host: "9.9.9.9" });
            expect(await web1.askUdp({ to: "9.9.9.9", port: 53 })).toBe("answer");
            expect(await web1.connect({ to: web2.ipv6, port: 22 })).toBe("open");
            await resolver.close();
        });

        test("shows a stall of an established stream, and every datagram that arrives", async () => {
            const ticking = await web1.listenTicking(9000);
            const sink = await web1.listen(9001, { protocol: "udp" });
            const stream = await lab.follow({ to: web1.ipv4, port: 9000 });
            const flood = await lab.flood({ to: web1.ipv4, port: 9001, perSecond: 500 });
            await filter("tcp dport 9000 drop"); // the acknowledgements
            await new Promise((resolve) => setTimeout(resolve, 700));
            const sent = await flood.stop();
            const { bytes, longestGap, ended } = await stream.close();
            expect(bytes).toBeGreaterThan(0);
            expect(longestGap).toBeGreaterThan(200);
            expect(ended).toBe(false);
            expect(sent).toBeGreaterThan(100);
            expect(await sink.received()).toBe(sent);
            await Promise.all([ticking.close(), sink.close()]);
        });

        test("is apart from the machine's, which a test can still use on purpose", async () => {
            const { stdout } = await runOutside(["readlink", "/proc/self/ns/net"]);
            expect(stdout.trim()).not.toBe(readlinkSync("/proc/self/ns/net"));
            expect(stdout.trim()).toBe(readlinkSync(process.env.VPSFW_OUTER_NET!));
        });
    });

    describe("variants of a host", () => {
        test("sudo without a password, and none", async () => {
            const [may, mayNot] = await Promise.all([
                lab.addHost("may", { sudo: "passwordless" }),
                lab.addHost("maynot", { sudo: "none" }),
            ]);
            expect(await ssh(may, "sudo -n id -u", { user: may.deployUser! })).toMatchObject({
                stdout: "0\n",
                stderr: "",
            });
            expect(await ssh(mayNot, "id -un", { user: mayNot.deployUser! })).toMatchObject({ stdout: "deploy\n" });
            expect(await ssh(mayNot, "sudo -n id -u", { user: mayNot.deployUser! })).toMatchObject({
                code: 1,
                stdout: "",
            });
            await Promise.all([may.stop(), mayNot.stop()]);
        });

        test("no nft, an older nft, another ssh port", async () => {
            const [bare, old] = await Promise.all([
                lab.addHost("bare", { without: ["nft"] }),
                lab.addHost("old", { nftVersion: "0.9.3", sshPort: 2222 }),
            ]);
            expect(await ssh(bare, "PATH=$PATH:/usr/sbin; command -v nft")).toMatchObject({ stdout: "" });
            expect((await ssh(old, "/usr/sbin/nft --version")).stdout).toMatch(/^nftables v0\.9\.3 /);
            expect(await old.run("nft add table inet t && nft list tables")).toMatchObject({
                stdout: "table inet t\n",
            });
            expect(await lab.connect({ to: old.ipv4, port: 22 })).toBe("refused");
            await Promise.all([bare.stop(), old.stop()]);
        });

        test("a network of the test's choice", async () => {
            const other = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
            try {
                const host = await other.addHost("shop", { ipv4: "192.0.2.77" });
                expect([host.ipv4, host.ipv6]).toEqual(["192.0.2.77", "2001:db8:5::10"]);
                expect((await ssh(host, "echo $SSH_CONNECTION")).stdout).toMatch(/^192\.0\.2\.200 /);
            } finally {
                await other.close();
            }
        });

        test("a network that can't be is refused before anything is made", async () => {
            const before = await mustRun(["ip", "-brief", "link"]);
            await expect(openLab({ ipv4: "192.0.2.0/25" })).rejects.toThrow("ends with .0/24, got 192.0.2.0/25");
            expect(await mustRun(["ip", "-brief", "link"])).toBe(before);
        });

        test("another host key, once its keys are made anew", async () => {
            const host = await lab.addHost("rekeyed");
            await host.run(
                "rm /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key; kill -HUP $(cat /run/sshd.pid); sleep 0.3",
            );
            expect(await ssh(host, "true")).toMatchObject({ code: 255, stderr: expect.stringContaining("changed") });
            await host.stop();
        });

        test("a host that can't start says why", async () => {
            await expect(lab.addHost("twin", { ipv4: "not-an-address" })).rejects.toThrow(/twin.*not-an-address/s);
        });
    });

    test("the machine keeps no trace of a host's nft, users or keys", () => {
        expect(readFileSync("/etc/passwd", "utf8")).not.toContain("/home/deploy");
        expect(existsSync("/etc/sudoers.d/deploy")).toBe(false);
        expect(existsSync("/usr/sbin/nft.real")).toBe(false);
    });
});
