import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import { openDeployment } from "../deployment";
import { sortedOthers } from "./listing";

// A machine without the userland makes it first.
jest.setTimeout(300_000);

const BANNED = { ipv4: "203.0.113.9", ipv6: "2001:db8:bad::9" };
const LATER = "203.0.113.10";
const SSH = { ssh: { service: "ssh" } };

describeLab("fail2ban beside us", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
        for (const address of [BANNED.ipv4, BANNED.ipv6, LATER]) await lab.addAddress(address);
    });
    afterAll(() => lab.close());

    const combinations = (["nftables", "iptables"] as const).flatMap((backend) =>
        (
            [
                // Debian 12's default, on both variants of iptables, and that of Debian 13.
                ["iptables-multiport", "nft"],
                ["iptables-multiport", "legacy"],
                ["nftables-multiport", "nft"],
            ] as const
        ).map(([action, variant]) => [backend, action, variant] as const),
    );
    sideBySide(
        Object.fromEntries(
            combinations.map(([backend, action, variant]) => [
                `a ban by ${action} (${variant}) still bites after an apply, a change, a restart, a reboot and a delete: ${backend}`,
                () => bans(backend, action, variant),
            ]),
        ),
    );

    async function bans(backend: "nftables" | "iptables", action: string, variant: "nft" | "legacy"): Promise<void> {
        const host = await lab.addHost(`${backend}-${action}-${variant}`.replace("-multiport", ""), {
            kind: "systemd",
            userland: "managers",
            iptables: variant,
        });
        const fail2ban = await openFail2ban(host, action);
        const tries = (from: string) =>
            lab.connect({ to: from.includes(":") ? host.ipv6 : host.ipv4, port: 22, from, timeout: 3000 });
        expect(await tries(BANNED.ipv4)).toBe("open");
        await fail2ban.ban(BANNED.ipv4);
        await fail2ban.ban(BANNED.ipv6);
        const banned = await sortedOthers(host);
        expect(banned.join("\n")).toContain(BANNED.ipv4);
        const isAsBefore = async (moment: string) => {
            const seen = {
                banned: [await tries(BANNED.ipv4), await tries(BANNED.ipv6)],
                others: await tries(lab.deployer.ipv4),
                rules: await sortedOthers(host),
            };
            expect([moment, seen]).toEqual([moment, { banned: ["refused", "refused"], others: "open", rules: banned }]);
        };
        await isAsBefore("before");

        const { provider, check } = openDeployment(lab);
        const created = await provider.create(check(host, { backend, rules: SSH }));
        await isAsBefore("after the first apply");
        const changed = await provider.update(
            created.id,
            check(host, { backend, rules: { ...SSH, web: { service: "https" } } }),
            created.outputs,
        );
        expect(changed.generation).toBe(2);
        await isAsBefore("after a change");

        await fail2ban.restart();
        await isAsBefore("after its restart");
        const read = await provider.read(created.id, changed);
        expect(read.outputs.rules).toEqual(changed.rules);
        expect(read.outputs.base).toBe(changed.base);
        await fail2ban.ban(LATER);
        expect(await tries(LATER)).toBe("refused");
        await fail2ban.unban(LATER);
        expect(await tries(LATER)).toBe("open");

        await host.reboot();
        await fail2ban.bansAgain();
        await isAsBefore("after a reboot");
        expect((await provider.read(created.id, changed)).outputs.rules).toEqual(changed.rules);

        await provider.delete(created.id, changed);
        await isAsBefore("after the delete");
        await fail2ban.unban(BANNED.ipv4);
        expect(await tries(BANNED.ipv4)).toBe("open");
    }
});

/** Starts fail2ban with its jail for sshd, which bans by the action. */
async function openFail2ban(host: LabHost, action: string) {
    const ask = async (command: string): Promise<string> => {
        const { code, stdout, stderr } = await host.run(command);
        if (code !== 0) throw new Error(`${command}: ${stderr}`);
        return stdout;
    };
    const until = async (command: string) => {
        for (const end = Date.now() + 20_000; (await host.run(command)).code !== 0;) {
            if (Date.now() > end) throw new Error(`not in time: ${command}`);
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    };
    const known = (address: string) => `(nft list ruleset; iptables-save; ip6tables-save) | grep -q '${address}'`;
    const up = "fail2ban-client status sshd";
    /** From what it has written down. */
    const bansAgain = async () => {
        await until(up);
        for (const address of [BANNED.ipv4, BANNED.ipv6]) await until(known(address));
    };
    await ask(`cat >/etc/fail2ban/jail.d/defaults-debian.conf <<'END'
[DEFAULT]
backend = systemd
banaction = ${action}
[sshd]
enabled = true
END
systemctl enable --now fail2ban`);
    await until(up);
    return {
        async ban(address: string) {
            await ask(`fail2ban-client set sshd banip ${address}`);
            await until(known(address));
        },
        async unban(address: string) {
            await ask(`fail2ban-client set sshd unbanip ${address}`);
            await until(`! { ${known(address)}; }`);
        },
        bansAgain,
        async restart() {
            await ask("systemctl restart fail2ban");
            await bansAgain();
        },
    };
}
