import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { iptablesPlan } from "../targets/protocol/iptablesRulesets";
import { mustBe } from "../targets/protocol/kit";
import { ACCEPTED, apply, applyAndVanish, arrivals, DROPPED, probe, remove, sh, until, watchArrivals } from "./bootKit";

/** Of an iptables host: what `apply` of the kit loads with nft. */
const withIptables = (port: number) => ({
    backend: "iptables" as const,
    plan: (_: unknown, applyId: string) => {
        const plan = iptablesPlan(applyId, port);
        const forward = plan.forward.replaceAll(
            "-A VPSFW-IN -p tcp -m tcp --dport 22",
            `-A VPSFW-IN -p udp -m udp --dport ${ACCEPTED} -j RETURN\n$&`,
        );
        return { ...plan, forward, boot: forward };
    },
});

describeLab("iptables at boot, with systemd", () => {
    describe.each(["nft", "legacy"] as const)("variant %s", (variant) => {
        let lab: Lab;
        let host: LabHost;

        beforeAll(async () => {
            lab = await openLab();
            host = await lab.addHost("web", { kind: "systemd", iptables: variant });
        }, 180_000);
        afterAll(() => lab?.close());

        const openPorts = async () => {
            const saved = await sh(host, `iptables-${variant}-save -t filter; ip6tables-${variant}-save -t filter`);
            return [...saved.matchAll(/--dport (\d+) .*"?web\/open"?/g)].map(([, port]) => Number(port));
        };

        test("EA-4: the file for the next boot is written only once a new connection has confirmed", async () => {
            await applyAndVanish(host, 79, 60, withIptables(79));
            expect(await openPorts()).toEqual([79, 79]);
            expect(await sh(host, "ls /var/lib/vps-firewall")).not.toMatch(/^confirmed/m);
            await host.reboot();
            expect(await openPorts()).toEqual([]);
        }, 60_000);

        test("EA-42, EA-45: both families are loaded before the network is up, and no packet passes at a reboot", async () => {
            mustBe(await apply(host, 80, withIptables(80)), "confirmed");
            await watchArrivals(host);
            const floods = await Promise.all(
                [ACCEPTED, DROPPED].map((port) => lab.flood({ to: host.ipv4, port, perSecond: 500 })),
            );
            await until(async () => (await arrivals(host)).at(-1)!.accepted > 50);
            await host.reboot();
            await until(async () => (await arrivals(host)).length === 2 && (await arrivals(host))[1]!.accepted > 50);
            await Promise.all(floods.map((flood) => flood.stop()));
            const passed = { accepted: expect.any(Number) as number, dropped: 0 };
            expect(await arrivals(host)).toEqual([passed, passed]);
            expect(await openPorts()).toEqual([80, 80]);
            expect(await probe(host)).toMatchObject({ boot: "enabled", filter: { backend: "iptables", variant } });
            // Confirmed is what runs, to the line.
            const own = (text: string) => text.match(/^-A VPSFW-IN .*--dport .*$/gm);
            const saved = await sh(host, `iptables-${variant}-save -t filter`);
            const kept = await sh(host, "sed '/vps-firewall ipv6/,$d' /var/lib/vps-firewall/confirmed.rules");
            expect(own(saved)?.length).toBe(own(kept)?.length);
        }, 120_000);

        test("a power cut within the window boots with what was confirmed", async () => {
            await applyAndVanish(host, 81, 60, withIptables(81));
            expect(await openPorts()).toEqual([81, 81]);
            await host.powerCut();
            await host.boot();
            expect(await openPorts()).toEqual([80, 80]);
            expect(await probe(host)).toMatchObject({ pending: undefined, repairs: [], bootFailure: undefined });
        }, 60_000);

        test("what nftables.service flushes is loaded again; a unit that somebody disabled is drift", async () => {
            for (const command of ["start", "restart", "reload", "stop"]) {
                await sh(host, `systemctl ${command} nftables`);
                expect({ command, ports: await openPorts() }).toEqual({ command, ports: [80, 80] });
            }
            await sh(host, "systemctl disable vps-firewall");
            expect((await probe(host)).boot).toBe("disabled");
            mustBe(await apply(host, 82, withIptables(82)), "confirmed");
            expect((await probe(host)).boot).toBe("enabled");
        }, 60_000);

        test("a delete leaves nothing for the next boot", async () => {
            expect((await remove(host)).kind).toBe("removed");
            await host.reboot();
            expect(await openPorts()).toEqual([]);
            expect(await sh(host, "find /etc -name '*vps-firewall*'")).toBe("");
        }, 60_000);
    });
});
