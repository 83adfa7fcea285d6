import { describeLab, type Lab, openLab } from "../lab";
import { apply, openPort, probe, remove, sh } from "./bootKit";

/** A host whose network ifupdown brings up, and that has no service manager: its rc.local stands for what calls ifup. */
describeLab("a host with ifupdown", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(() => lab.close());

    test("loads the ruleset before an interface comes up, and not at all once it was deleted", async () => {
        const host = await lab.addHost("ifupdown", { kind: "plain", userland: "bookworm" });
        await sh(
            host,
            `printf 'auto eth0\\niface eth0 inet manual\\n    up nft list tables >/run/seen\\n' >/etc/network/interfaces
            printf '#!/bin/sh\\nmkdir -p /run/network\\nifup -a\\n' >/etc/rc.local
            chmod 755 /etc/rc.local
            /etc/rc.local`,
        );
        const etc = "cd /etc; find . -xdev -type f -exec stat -c '%n %a %s' {} + | sort; cat rc.local";
        const before = await sh(host, etc);
        expect(await probe(host)).toMatchObject({ boot: "disabled", bootWay: "ifupdown" });
        expect((await apply(host, 81)).kind).toBe("confirmed");
        expect(await probe(host)).toMatchObject({ boot: "enabled", bootWay: "ifupdown" });

        await host.reboot();
        expect(await openPort(host)).toBe(81);
        // The first thing that could be done with the interface up.
        expect(await sh(host, "cat /run/seen")).toBe("table inet vps_firewall\n");
        expect(await probe(host)).toMatchObject({ boot: "enabled", bootWay: "ifupdown" });

        await sh(host, "rm /etc/network/if-pre-up.d/vps-firewall");
        expect((await probe(host)).boot).toBe("disabled");
        expect((await apply(host, 82)).kind).toBe("confirmed");
        expect((await probe(host)).boot).toBe("enabled");

        expect((await remove(host)).kind).toBe("removed");
        expect(await sh(host, etc)).toBe(before);
        await host.reboot();
        expect(await openPort(host)).toBeUndefined();
    }, 60_000);
});
