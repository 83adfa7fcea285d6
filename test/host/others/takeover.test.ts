import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import { openDeployment } from "../deployment";
import { MANAGERS, type Manager, mustRun, traceOf } from "./managers";
import { BACKENDS, type Backend, RULES, takenOver } from "./takenOver";

// A machine without the userland makes it first.
jest.setTimeout(300_000);

describeLab("other firewalls", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(() => lab.close());

    const combinations = BACKENDS.flatMap((backend) => MANAGERS.map((manager) => [manager, backend] as const));
    const each = (words: string, run: (manager: Manager, host: LabHost, backend: Backend) => unknown) =>
        combinations.map(([manager, backend]): [string, () => Promise<void>] => [
            `${manager.name} ${words}: ${backend}`,
            async () => {
                const host = await startHost(manager, `${manager.name}-${backend}`);
                try {
                    await run(manager, host, backend);
                } finally {
                    await host.stop();
                }
            },
        ]);

    async function startHost(manager: Manager, name: string): Promise<LabHost> {
        const host = await lab.addHost(name, { kind: "systemd", userland: "managers" });
        await mustRun(host, manager.start);
        await host.listen(443);
        return host;
    }

    sideBySide({
        ...Object.fromEntries(
            each("is named with what it drops, switched off by takeover, and on again by a destroy", (...which) =>
                takenOver(lab, ...which),
            ),
        ),
        "rules that are not only what a file says stay until the next boot (VF194)": notOnlyTheirs,
    });

    /** Nobody can tell any more which rule came from where. */
    async function notOnlyTheirs(): Promise<void> {
        const manager = MANAGERS.find(({ name }) => name === "netfilter-persistent")!;
        const host = await startHost(manager, "mixed");
        await mustRun(host, "iptables -N f2b-sshd; iptables -A f2b-sshd -j RETURN; iptables -I INPUT 1 -j f2b-sshd");
        const before = await traceOf(host, manager);
        const { provider, check, said } = openDeployment(lab);
        const wish = check(host, { backend: "nftables", rules: RULES, takeover: true });
        const created = await provider.create(wish);
        expect(said.join("\n")).toMatch(
            /^VF194 netfilter-persistent on [\d.]+ could not be switched off at once\. Their rules stay until the next boot/m,
        );
        const after = await traceOf(host, manager);
        expect(after.rules).toEqual(before.rules);
        expect(after.state).toBe("disabled\n1\n");

        said.length = 0;
        const more = { ...RULES, dns: { service: "dns" } };
        const changed = await provider.update(created.id, check(host, { rules: more }), created.outputs);
        expect(said.join("\n")).toMatch(/^VF192 the exposure of [\d.]+ is at most .*: fail2ban\. What they drop/m);

        await host.reboot();
        expect((await traceOf(host, manager)).rules).toEqual([]);
        await provider.delete(created.id, changed);
        expect((await host.run(manager.state)).stdout).toBe("enabled\n1\n");
        await host.stop();
    }
});
