import { describeLab, openLab, runCommand, type Lab, type LabHost } from ".";

/** What a command prints on the host; it has to succeed. */
async function print(host: LabHost, command: string): Promise<string> {
    const { code, stdout, stderr } = await host.run(command);
    if (code !== 0) throw new Error(`${command} on ${host.name} ended with ${code}: ${stderr}`);
    return stdout.trim();
}

const bootId = "cat /proc/sys/kernel/random/boot_id";
const kinds = ["plain", "systemd"] as const;

describeLab("the machine below a host", () => {
    let lab: Lab;
    const hosts = {} as Record<(typeof kinds)[number], LabHost>;

    beforeAll(async () => {
        lab = await openLab();
        await Promise.all(kinds.map(async (kind) => (hosts[kind] = await lab.addHost(kind, { kind }))));
    });
    afterAll(() => lab?.close());

    /** The same on both hosts, side by side. */
    const onBoth = (check: (host: LabHost) => Promise<void>) => Promise.all(kinds.map((kind) => check(hosts[kind])));
    /** Whether sshd lets a new connection in. */
    const connects = (host: LabHost) => lab.connect({ to: host.ipv4, port: 22 });
    const ssh = (host: LabHost, command: string) => {
        const options = ["BatchMode=yes", `UserKnownHostsFile=${host.knownHostsFile}`];
        return runCommand([
            ...["ssh", "-F", "none", "-i", host.keyFile, ...options.flatMap((option) => ["-o", option])],
            ...[`root@${host.ipv4}`, command],
        ]);
    };
    const logsIn = async (host: LabHost) => (await ssh(host, "true")).code === 0;

    test("a systemd host is up, with nothing failed, and one of them has PID 1 as it says", async () => {
        expect(await print(hosts.plain, "cat /proc/1/comm; ls /run/systemd 2>&1 >/dev/null | wc -l")).toBe("sh\n1");
        expect(
            await print(hosts.systemd, "cat /proc/1/comm; systemctl is-system-running --wait; systemctl --failed -q"),
        ).toBe("systemd\nrunning");
        expect(await logsIn(hosts.systemd)).toBe(true);
    });

    describe("of both kinds", () => {
        test.each(["reboot", "power cut"])("%s: keeps the files, and nothing else", async (how) => {
            await onBoth(async (host) => {
                const before = { pid: host.pid, bootId: await print(host, bootId) };
                await print(
                    host,
                    `nft add table inet gone; echo kept >/root/kept; echo kept >/etc/kept; touch /run/gone /tmp/gone
                setsid sleep 1000 >/dev/null 2>&1 &
                printf '#!/bin/sh\\ndate >/run/rc.local-ran\\n' >/etc/rc.local; chmod 755 /etc/rc.local`,
                );
                const listener = await host.listen(8080);
                if (how === "reboot") await host.reboot();
                else {
                    await host.powerCut();
                    expect(await connects(host)).not.toBe("open");
                    await host.boot();
                }
                await expect(listener.received()).rejects.toThrow("ended");

                expect(host.pid).not.toBe(before.pid);
                expect(await print(host, bootId)).not.toBe(before.bootId);
                expect(
                    await print(
                        host,
                        "cat /root/kept /etc/kept; nft list ruleset; ls /run/gone /tmp/gone 2>/dev/null || true",
                    ),
                ).toBe("kept\nkept");
                expect(await print(host, "grep -l sleep /proc/[0-9]*/comm || true")).toBe("");
                expect(await print(host, "until [ -s /run/rc.local-ran ]; do sleep 0.05; done; echo ran")).toBe("ran");
                expect(await logsIn(host)).toBe(true);
                const again = await host.listen(8080);
                expect(await lab.connect({ to: host.ipv6, port: 8080 })).toBe("open");
                await again.close();
            });
        });

        test("no packet passes a cut link, of which the host is not told, and a reboot does not mend it", async () => {
            await onBoth(async (host) => {
                const link = () => print(host, "ip -oneline link show eth0; ip -oneline addr show eth0 | wc -l");
                const before = await link();
                await host.cutNetwork();
                expect(await connects(host)).toBe("timeout");
                expect(await host.connect({ to: lab.deployer.ipv4, port: 1 })).toBe("timeout");
                expect(await link()).toBe(before);
                await host.reboot();
                expect(await connects(host)).not.toBe("open");
                await host.restoreNetwork();
                expect(await connects(host)).toBe("open");
            });
        });

        test.each([
            ["full", "fillDisk", /No space left/],
            ["read-only", "makeDiskReadOnly", /Read-only file system/],
        ] as const)("a disk that is %s: nothing is written, and a reboot does not mend it", async (_, method, says) => {
            await onBoth(async (host) => {
                const write = () =>
                    host.run(
                        "set -e; for f in /etc/new /root/new /var/lib/new; do head -c 9000 /dev/urandom >$f; rm $f; done",
                    );
                expect(await write()).toMatchObject({ code: 0 });
                await host[method]();
                expect((await write()).stderr).toMatch(says);
                expect(await host.run("touch /run/new /tmp/new")).toMatchObject({ code: 0 });
                await host.reboot();
                expect((await write()).stderr).toMatch(says);
                await host.restoreDisk();
                expect(await write()).toMatchObject({ code: 0, stderr: "" });
                // And where it is mended before a reboot.
                await host[method]();
                expect((await write()).stderr).toMatch(says);
                await host.restoreDisk();
                expect(await write()).toMatchObject({ code: 0, stderr: "" });
            });
        });

        test("sshd killed: its sessions end with it", async () => {
            await onBoth(async (host) => {
                const session = ssh(host, "sleep 1000");
                await host.run("until grep -qs sleep /proc/[0-9]*/comm; do sleep 0.02; done");
                await host.killSshd();
                expect((await session).code).toBe(255);
                if (host.kind === "plain") expect(await connects(host)).toBe("refused");
                await host.startSshd();
                expect(await logsIn(host)).toBe(true);
            });
        });
    });

    test("the clock jumps for what is started from now on, over a reboot too", async () => {
        const host = hosts.systemd;
        const byService = "systemd-run --quiet --wait --pipe date +%s";
        const jumped = async (seconds: number) => {
            for (const now of [await print(host, "date +%s"), (await ssh(host, `${byService}; date +%s`)).stdout])
                for (const line of now.trim().split("\n"))
                    expect(Math.abs(Number(line) - Date.now() / 1000 - seconds)).toBeLessThan(50);
        };
        await host.jumpClock(86_000);
        await host.jumpClock(400);
        await jumped(86_400);
        await host.reboot();
        await jumped(86_400);
        await host.jumpClock(-86_400);
        await jumped(0);
        expect((await ssh(host, "env")).stdout).not.toContain("FAKETIME");
    });

    test("with busybox as the userland, sh is ash and there is nothing else but sshd and the packet filters", async () => {
        const host = await lab.addHost("ash", { userland: "busybox" });
        const programs = "ls -l /usr/bin /usr/sbin | grep '^-' | sed 's/.* //'; nft --version | cut -c1-8";
        expect((await ssh(host, programs)).stdout.split("\n").sort()).toEqual([
            "",
            "busybox",
            "nft",
            "nftables",
            "sshd",
            "xtables-legacy-multi",
            "xtables-nft-multi",
        ]);
        expect((await ssh(host, "readlink /proc/$$/exe; sh --help 2>&1 | head -n 1")).stdout).toContain("BusyBox");
        await host.stop();
    });
});
