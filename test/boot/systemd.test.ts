import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { mustBe } from "../targets/protocol/kit";
import {
    ACCEPTED,
    apply,
    applyAndVanish,
    arrivals,
    DROPPED,
    openPort,
    probe,
    remove,
    sh,
    until,
    watchArrivals,
} from "./bootKit";

/** What our unit, its drop-in and the service that takes back do on a booted systemd. */
describeLab("a host with systemd", () => {
    let lab: Lab;
    let web: LabHost;
    let late: LabHost;
    let other: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        [web, late, other] = (await Promise.all(
            (["web", "late", "other"] as const).map((name) => lab.addHost(name, { kind: "systemd" })),
        )) as [LabHost, LabHost, LabHost];
    }, 180_000);
    afterAll(() => lab?.close());

    const unit = "/etc/systemd/system/vps-firewall.service";
    /** Sends to both ports all the while. */
    async function flooded(host: LabHost, act: () => Promise<void>): Promise<number> {
        const floods = await Promise.all(
            [ACCEPTED, DROPPED].map((port) => lab.flood({ to: host.ipv4, port, perSecond: 500 })),
        );
        await act();
        const [sent = 0] = await Promise.all(floods.map((flood) => flood.stop()));
        return sent;
    }

    test("no packet passes at a reboot that the ruleset drops; one loaded after the network would let some in", async () => {
        await Promise.all(
            [web, late].map(async (host) => {
                mustBe(await apply(host, 80), "confirmed");
                await watchArrivals(host);
            }),
        );
        // The same unit, ordered after the network, and slow: what is sent takes up to a second to find the host again.
        await sh(
            late,
            `sed -i 's/^Before=network-pre.target /Before=/; s/^Wants=.*//; s/^After=.*/After=network.target/' ${unit}
            sed -i 's/^ExecStart=/ExecStartPre=sleep 3\\n&/' ${unit}`,
        );
        await Promise.all(
            [web, late].map((host) =>
                flooded(host, async () => {
                    await until(async () => (await arrivals(host)).at(-1)!.accepted > 50);
                    await host.reboot();
                    await until(
                        async () => (await arrivals(host)).length === 2 && (await arrivals(host))[1]!.accepted > 50,
                    );
                }),
            ),
        );
        expect(await arrivals(web)).toEqual([
            { accepted: expect.any(Number), dropped: 0 },
            { accepted: expect.any(Number), dropped: 0 },
        ]);
        expect(await openPort(web)).toBe(80);
        const [before, after] = await arrivals(late);
        expect(before?.dropped).toBe(0);
        expect(after?.dropped).toBeGreaterThan(0);

        // The same to the microsecond.
        const entered = (name: string) =>
            sh(web, `systemctl show -p ActiveEnterTimestampMonotonic --value ${name}`).then(Number);
        const [ours, networkPre, networking] = await Promise.all(
            ["vps-firewall.service", "network-pre.target", "networking.service"].map(entered),
        );
        expect(ours).toBeGreaterThan(0);
        expect(networkPre).toBeGreaterThan(ours!);
        expect(networking).toBeGreaterThan(networkPre!);
        expect(await sh(web, "systemctl list-units --failed --no-legend --plain")).toBe("");
    }, 120_000);

    test("a reboot or a power cut within the window ends with the ruleset that was confirmed", async () => {
        for (const down of [() => web.reboot(), () => web.powerCut().then(() => web.boot())]) {
            await applyAndVanish(web, 81, 60);
            expect(await openPort(web)).toBe(81);
            await down();
            expect(await openPort(web)).toBe(80);
            const found = await probe(web);
            expect(found).toMatchObject({ pending: undefined, repairs: [], boot: "enabled", bootFailure: undefined });
        }
    }, 120_000);

    test("systemctl start, restart, reload and stop of nftables.service leave our ruleset on", async () => {
        await flooded(web, async () => {
            for (const command of ["start", "restart", "reload", "stop", "start", "restart"]) {
                await sh(web, `systemctl ${command} nftables`);
                expect({ command, port: await openPort(web) }).toEqual({ command, port: 80 });
            }
            // Their own ruleset does not load: nothing is flushed by a reload, and everything by a restart.
            await sh(web, "echo nonsense >>/etc/nftables.conf");
            for (const command of ["reload", "restart"]) {
                expect((await web.run(`systemctl ${command} nftables`)).code).not.toBe(0);
                expect({ command, port: await openPort(web) }).toEqual({ command, port: 80 });
            }
        });
        const passed = (await arrivals(web)).at(-1)!.dropped;
        console.log(`while nftables.service was started, restarted, reloaded and stopped, ${passed} packets passed`);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await flooded(web, () => new Promise((resolve) => setTimeout(resolve, 300)));
        expect((await arrivals(web)).at(-1)!.dropped).toBe(passed);
    }, 60_000);

    test("an apply is taken back by a service of systemd, which is started again when it was killed", async () => {
        const id = await applyAndVanish(web, 82, 4);
        const pid = async () => (await sh(web, `cut -d : -f 2 /run/vps-firewall/ready.${id}.0`)).trim();
        const first = await pid();
        // Not of the session: what ends at logout is not it.
        expect(await sh(web, `cat /proc/${first}/cgroup`)).toContain(`/system.slice/vps-firewall-revert-${id}.service`);
        for (const signal of ["KILL", "TERM"]) {
            const killed = await pid();
            await sh(web, `kill -${signal} ${killed}`);
            await until(async () => (await pid()) !== killed);
        }
        await until(async () => (await openPort(web)) === 80);
        await until(
            async () => (await sh(web, "systemctl list-units --all --plain --no-legend 'vps-firewall-revert*'")) === "",
        );
        expect(await sh(web, "ls /run/vps-firewall")).toBe("lock\n");
    }, 60_000);

    test("what somebody disabled or edited is told, the next apply enables it, a delete leaves nothing", async () => {
        const etc = `cd /etc; find . -xdev -exec stat -c '%n %a %u %F' {} + | sort
            find . -xdev -type f -exec sha256sum {} + | sort; find . -xdev -type l -exec readlink {} + | sort`;
        const before = await sh(other, etc);
        expect((await probe(other)).boot).toBe("disabled");
        mustBe(await apply(other, 80), "confirmed");
        expect(await probe(other)).toMatchObject({ boot: "enabled", bootWay: "systemd" });
        const whole = await sh(other, etc);
        const dropIn = "/etc/systemd/system/nftables.service.d/vps-firewall.conf";
        const loader = "/var/lib/vps-firewall/load.sh";
        const changes: readonly [change: string, undo: string][] = [
            ["systemctl disable --quiet vps-firewall", "systemctl enable --quiet vps-firewall"],
            [`echo '# mine' >>${unit}`, `sed -i '$d' ${unit}`],
            [`mv ${dropIn} /run/`, `mv /run/vps-firewall.conf ${dropIn}`],
            [`echo true >>${loader}`, `sed -i '$d' ${loader}`],
        ];
        for (const [change, undo] of changes) {
            await sh(other, change);
            expect({ change, boot: (await probe(other)).boot }).toEqual({ change, boot: "disabled" });
            await sh(other, undo);
            expect({ undo, boot: (await probe(other)).boot }).toEqual({ undo, boot: "enabled" });
        }
        await sh(other, `${changes.map(([change]) => change).join("; ")}; rm /run/vps-firewall.conf`);
        mustBe(await apply(other, 80), "confirmed");
        expect((await probe(other)).boot).toBe("enabled");
        expect(await sh(other, etc)).toBe(whole);
        expect((await remove(other)).kind).toBe("removed");
        expect(await sh(other, etc)).toBe(before);
        expect(await sh(other, "ls /var/lib/vps-firewall 2>&1 || true")).toContain("No such file");
        expect((await other.run("systemctl cat vps-firewall.service")).code).not.toBe(0);
    }, 60_000);

    test("/etc that can't be written: a first apply is refused and leaves nothing half-installed", async () => {
        const installed = "find /etc/systemd -name '*vps-firewall*'; ls /var/lib/vps-firewall; nft list tables";
        await sh(other, "mount --bind /etc /etc && mount -o remount,ro,bind /etc");
        await expect(apply(other, 80)).rejects.toThrow(/^VF115 other .*Read-only file system/);
        expect((await other.run(installed)).stdout).toBe("");
        await sh(other, "umount -l /etc");
        mustBe(await apply(other, 80), "confirmed");
        // It works, so nothing has to be written; but what shall go has to stay, and loads nothing.
        await sh(other, "mount --bind /etc /etc && mount -o remount,ro,bind /etc");
        mustBe(await apply(other, 81), "confirmed");
        expect((await remove(other)).kind).toBe("removed");
        await sh(other, "umount -l /etc && systemctl restart nftables");
        expect(await openPort(other)).toBeUndefined();
        await probe(other);
        expect(await sh(other, installed.replace("ls /var/lib/vps-firewall; ", ""))).toBe("table inet filter\n");
    }, 60_000);

    test("a ruleset that does not load at boot is tried again, also after the network, and the probe says why", async () => {
        mustBe(await apply(other, 80), "confirmed");
        const wrapper = "/usr/local/sbin/nft";
        await other.run(["tee", wrapper], {
            input: `#!/bin/sh\n[ -e /run/works ] || { echo out of memory >&2; exit 1; }\nexec /usr/sbin/nft "$@"\n`,
        });
        await sh(other, `chmod 755 ${wrapper}`);
        await other.reboot();
        expect((await other.run("/usr/sbin/nft list tables")).stdout).not.toContain("vps_firewall");
        await sh(other, `mv ${wrapper} /root/nft`);
        const seen = await probe(other);
        if (seen.table === "absent") expect(seen.bootFailure).toBe("out of memory\n");
        await sh(other, "touch /run/works");
        await until(async () => (await openPort(other)) === 80, 30);
        expect((await probe(other)).bootFailure).toBeUndefined();
    }, 90_000);
});
