import { removeRuleset } from "../../targets/ssh/removeRuleset";
import { type BareHost, describeBare, startBareHost, type Userland } from "../targets/protocol/bareHost";
import { apply, mustBe, openPort, optionsFor, probe } from "../targets/protocol/kit";
import { RESOURCE } from "../targets/protocol/rulesets";

/** Hosts whose only way to load anything at boot is /etc/rc.local. */
describeBare("a host with rc.local", () => {
    const hosts: BareHost[] = [];
    afterEach(() => hosts.splice(0).forEach((host) => host.stop()));

    async function start(rcLocal: string | undefined, mode = "755", userland: Userland = "debian") {
        const host = await startBareHost(userland);
        hosts.push(host);
        if (rcLocal !== undefined)
            host.sh(`printf '%b' '${rcLocal.replaceAll("\n", "\\n")}' >/etc/rc.local; chmod ${mode} /etc/rc.local`);
        return host;
    }

    const etc = "cd /etc; find . -xdev -type f -exec stat -c '%n %a %s' {} + | sort; cat rc.local";
    const remove = (host: BareHost) => removeRuleset({ ...optionsFor(host), resource: RESOURCE });

    const files: readonly [string, Userland][] = [
        ["#!/bin/sh -e\n# rc.local\necho started >/run/started\nexit 0\n", "debian"],
        ["#!/bin/sh\nexit 0", "debian"],
        ["#!/bin/bash\n\n", "debian"],
        ["#!/bin/sh\necho started >/run/started\nexit 0", "busybox"],
    ];

    test("what it runs at boot loads the ruleset first; a delete puts the file back to the byte", () =>
        Promise.all(
            files.map(async ([text, userland]) => {
                const host = await start(text, "750", userland);
                const before = host.sh(etc);
                expect(await probe(host)).toMatchObject({ boot: "disabled", bootWay: "rc-local" });
                mustBe(await apply(host, 80), "confirmed");
                mustBe(await apply(host, 81), "confirmed");
                expect(await probe(host)).toMatchObject({ boot: "enabled", bootWay: "rc-local" });
                expect(host.sh("stat -c %a /etc/rc.local")).toBe("750\n");

                host.sh(`nft delete table inet vps_firewall
                    sed -i '2a nft list tables >/run/seen' /etc/rc.local
                    /etc/rc.local`);
                expect(openPort(host)).toBe(81);
                expect(host.sh("cat /run/seen")).toBe("table inet vps_firewall\n");
                if (text.includes("started")) expect(host.sh("cat /run/started")).toBe("started\n");

                host.sh("sed -i /seen/d /etc/rc.local");
                expect((await remove(host)).kind).toBe("removed");
                expect(host.sh(etc)).toBe(before);
                expect(host.sh("ls /var/lib")).toBe("");
            }),
        ));

    test("a line of ours that somebody took out or changed is drift, and the next apply puts it right", async () => {
        const host = await start("#!/bin/sh\nexit 0\n");
        mustBe(await apply(host, 80), "confirmed");
        const whole = host.sh("cat /etc/rc.local");
        for (const edit of ["/load.sh/d", "s/^sh /true /", "s/|| :/|| exit 1/"]) {
            host.sh(`sed -i '${edit}' /etc/rc.local`);
            expect((await probe(host)).boot).toBe("disabled");
            mustBe(await apply(host, 80), "confirmed");
            expect(host.sh("cat /etc/rc.local")).toBe(whole);
        }
        host.sh("echo true >>/var/lib/vps-firewall/load.sh");
        expect((await probe(host)).boot).toBe("disabled");
    });

    test("one that is not there, that somebody switched off, or that is no shell script is left alone", () =>
        Promise.all(
            [
                [undefined, "755"],
                ["#!/bin/sh\nexit 0\n", "644"],
                ["#!/usr/bin/python3\npass\n", "755"],
            ].map(async ([text, mode]) => {
                const host = await start(text, mode);
                const before = host.sh(`${etc} 2>/dev/null || true`);
                expect((await probe(host)).boot).toBe("none");
                mustBe(await apply(host, 80), "confirmed");
                expect(host.sh(`${etc} 2>/dev/null || true`)).toBe(before);
            }),
        ));

    test("a first apply that is not confirmed, or refused, leaves it as it was", async () => {
        const host = await start("#!/bin/sh\nexit 0\n");
        const before = host.sh(etc);
        const connect = () => (openPort(host) === 80 ? Promise.reject(new Error("cut")) : host.connect());
        mustBe(await apply(host, 80, { connect, confirmSeconds: 1 }), "reverted");
        expect(host.sh(etc)).toBe(before);
        expect(host.sh("ls /var/lib/vps-firewall")).toBe("");
        host.sh("mount -o remount,ro /etc");
        await expect(apply(host, 80)).rejects.toThrow(/^VF115 .*Read-only file system/);
        expect(openPort(host)).toBeUndefined();
        expect(host.sh(`${etc}; ls /var/lib/vps-firewall`)).toBe(before);
    });

    test("a ruleset that does not load at boot is tried again, and the next probe says why it is not there", async () => {
        const host = await start("#!/bin/sh\nexit 0\n");
        mustBe(await apply(host, 80), "confirmed");
        host.sh(`printf '#!/bin/sh\\n[ -e /run/works ] || { echo out of memory >&2; exit 1; }\\nexec /usr/sbin/nft "$@"\\n' >/usr/local/sbin/nft
            chmod 755 /usr/local/sbin/nft; /usr/sbin/nft flush ruleset; (sleep 1; touch /run/works) & /etc/rc.local`);
        expect(openPort(host)).toBe(80);
        expect((await probe(host)).bootFailure).toBeUndefined();

        host.sh('rm /run/works; nft() { /usr/sbin/nft "$@"; }; nft flush ruleset; /etc/rc.local');
        host.sh("rm /usr/local/sbin/nft");
        expect(openPort(host)).toBeUndefined();
        expect((await probe(host)).bootFailure).toBe("out of memory\n");
        mustBe(await apply(host, 80), "confirmed");
        expect((await probe(host)).bootFailure).toBeUndefined();
    });
});
