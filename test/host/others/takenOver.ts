import type { Lab, LabHost } from "../../lab";
import { messageOf, openDeployment } from "../deployment";
import { type Manager, mustRun, traceOf } from "./managers";

export const BACKENDS = ["nftables", "iptables"] as const;
export type Backend = (typeof BACKENDS)[number];
export const RULES = { ssh: { service: "ssh" }, https: { service: "https" } };

/**
 * Takes a host from a manager that runs there and closes all but ssh, with the address of `lab.deployer` as who asks, and gives it
 * back: what is said, what passes, and what is there at each moment.
 */
export async function takenOver(
    lab: Lab,
    manager: Manager,
    host: LabHost,
    backend: Backend,
    connection: object = {},
): Promise<void> {
    const { provider, check: checkAs, said } = openDeployment(lab);
    const check = (of: LabHost, rest: object) => checkAs(of, { connection, ...rest });
    const names = manager.units?.join(", ") ?? manager.name;
    const https = () => lab.connect({ to: host.ipv4, port: 443, timeout: 1500 });
    const before = await traceOf(host, manager);
    expect(await https()).not.toBe("open");
    expect(before.state).toBe(manager.on);

    const created = await provider.create(check(host, { backend, rules: RULES }));
    expect(said.join("\n")).toMatch(
        new RegExp(`^VF117 .*${manager.units?.[0] ?? manager.name} \\(filters now; the next boot loads /`, "m"),
    );
    expect(said.join("\n")).toMatch(/^VF190 .* drops all that web\/https accepts: tcp 203\.0\.113\.9 -> port 443\./m);
    expect(said.join("\n")).not.toMatch(/^VF190 .*web\/ssh/m);
    expect(await https()).not.toBe("open");
    if (!(backend === "iptables" && manager.name === "firewalld")) expect(await traceOf(host, manager)).toEqual(before);

    // firewalld empties iptables as it starts, some time after systemd thinks that it has.
    if (backend === "iptables" && manager.name === "firewalld") {
        expect(said.join("\n")).toMatch(/^VF195 firewalld on /m);
        await mustRun(host, "systemctl restart firewalld; firewall-cmd --state; sleep 1; iptables-save | grep VPSFW");
        await host.reboot();
        await host.listen(443);
        await mustRun(host, "systemctl is-system-running --wait; sleep 1; iptables-save | grep VPSFW");
        expect((await provider.read(created.id, created.outputs)).inputs).toEqual(
            check(host, { backend, rules: RULES }),
        );
    }

    // Nobody gets in, so the host takes it back, and has the manager on again.
    const lockout = check(host, { backend, rules: { https: RULES.https }, takeover: true, lockoutCheck: "off" });
    expect(await messageOf(provider.update(created.id, lockout, created.outputs))).toMatch(/^VF110 /);
    expect(await traceOf(host, manager)).toEqual(before);
    expect(await https()).not.toBe("open");

    said.length = 0;
    const wish = check(host, { backend, rules: RULES, takeover: true });
    const changed = await provider.update(created.id, wish, created.outputs);
    expect(said.filter((text) => /^VF19/.test(text))).toEqual([
        expect.stringContaining(`VF193 takeover: ${names} on ${host.ipv4} no longer filter`),
    ]);
    expect(await https()).toBe("open");
    expect((await traceOf(host, manager)).state).toBe(manager.off);
    expect((await provider.read(created.id, changed)).inputs).toEqual(wish);

    await host.reboot();
    await host.listen(443);
    expect(await https()).toBe("open");
    expect((await traceOf(host, manager)).state).toBe(manager.off);
    const again = await provider.update(created.id, wish, changed);
    expect(again.generation).toBe(changed.generation);

    said.length = 0;
    await provider.delete(created.id, changed);
    expect(said.join("\n")).toContain(`switched on again, as they were before: ${names}`);
    expect(await traceOf(host, manager)).toEqual(before);
    expect(await https()).not.toBe("open");
    const left = await host.run("ls /var/lib/vps-firewall 2>/dev/null; nft list ruleset; iptables-save");
    expect(left.stdout).not.toMatch(/taken|VPSFW|vps_firewall/);
}
