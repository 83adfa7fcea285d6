import { applyRuleset } from "../../../targets/ssh/applyRuleset";
import { probeHost } from "../../../targets/ssh/probeHost";
import type { ApplyOptions, ApplyOutcome } from "../../../targets/ssh/protocol";
import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { type BareHost, describeBare, startBareHost } from "./bareHost";
import { FOREIGN_RULES, iptablesPlan } from "./iptablesRulesets";
import { mustBe, optionsFor, until } from "./kit";
import { RESOURCE } from "./rulesets";

const PROGRAM = { 4: "iptables", 6: "ip6tables" } as const;
const confirmed = "/var/lib/vps-firewall/confirmed.rules";

describeBare("the protocol with iptables", () => {
    describe.each(["nft", "legacy"] as const)("variant %s", (variant) => {
        const ipv4 = `iptables-${variant}`;
        let host: BareHost;
        beforeEach(async () => {
            host = await startBareHost();
            for (const program of ["iptables", "ip6tables"])
                for (const end of ["", "-save", "-restore"])
                    host.sh(`ln -s /usr/sbin/${program}-${variant}${end} /usr/local/sbin/${program}${end}`);
        });
        afterEach(() => host.stop());

        const options = () => ({ ...optionsFor(host), backend: "iptables" as const });
        const apply = (port: number, other: Partial<ApplyOptions> & { egress?: boolean } = {}): Promise<ApplyOutcome> =>
            applyRuleset({
                ...options(),
                plan: (_, applyId) => iptablesPlan(applyId, port, other.egress),
                verify: () => undefined,
                confirmSeconds: 20,
                ...other,
            });
        const save = (family: 4 | 6) => host.sh(`${PROGRAM[family]}-${variant}-save -t filter`);
        const restore = (family: 4 | 6, text: string) =>
            host.sh(`${PROGRAM[family]}-${variant}-restore <<'END'\n${text}END`);
        const rulesOf = (family: 4 | 6) =>
            save(family)
                .replace(/^#.*\n/gm, "")
                .replace(/\[\d+:\d+\]/g, "[0:0]");
        const openPorts = () =>
            ([4, 6] as const).map((family) => /--dport (\d+) .*"?web\/open"?/.exec(save(family))?.[1] ?? "none").join();
        const marks = () =>
            ([4, 6] as const).map((family) => /vpsfw1 .* a=([0-9a-f]+)/.exec(save(family))?.[1] ?? "none");
        /** In front of the program of IPv6 that loads; what only tests passes. */
        const beforeIpv6 = (script: string) =>
            host.sh(`cat >/usr/local/sbin/ip6tables-${variant}-restore <<'END'
#!/bin/sh
case "$*" in *--test*) exec /usr/sbin/ip6tables-${variant}-restore "$@" ;; esac
${script}
END
chmod 755 /usr/local/sbin/ip6tables-${variant}-restore`);

        /** A client that is gone once its ruleset is loaded. */
        const vanish = (stage: string) => {
            if (stage === "loaded") throw new Error("vanished");
        };

        test("is applied, confirmed, changed and removed; the rules of others stay as they are", async () => {
            for (const family of [4, 6] as const) restore(family, FOREIGN_RULES);
            const before = [rulesOf(4), rulesOf(6)];
            const first = mustBe(await apply(80), "confirmed");
            expect(first.probe.filter).toMatchObject({ backend: "iptables", variant });
            expect(first.probe.table).toBe("absent");
            expect(first.listing).toContain("# vps-firewall ipv6\n");
            expect(openPorts()).toBe("80,80");
            expect(rulesOf(4)).toContain(
                "-A INPUT -j VPSFW-IN\n-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n",
            );
            expect(host.sh(`head -n 1 ${confirmed}`)).toBe(`# vps-firewall variant ${variant}\n`);

            // Somebody accepts before our jump; the next apply is first again. Egress comes and goes.
            host.sh(ipv4 + " -I INPUT 1 -p tcp --dport 3306 -j ACCEPT");
            mustBe(await apply(81, { egress: true }), "confirmed");
            expect(openPorts()).toBe("81,81");
            expect(rulesOf(4)).toMatch(/^-A INPUT -j VPSFW-IN\n-A INPUT -p tcp -m tcp --dport 3306 -j ACCEPT$/m);
            expect(rulesOf(6)).toContain("-A OUTPUT -j VPSFW-OUT");
            host.sh(ipv4 + " -D INPUT -p tcp --dport 3306 -j ACCEPT");
            const third = mustBe(await apply(82), "confirmed");
            expect(third.generation).toBe(3);
            expect(rulesOf(6)).not.toContain("VPSFW-OUT");

            const found = await probeHost(options());
            expect(found).toMatchObject({ table: "marked", mark: { applyId: third.applyId } });
            expect((await removeRuleset({ ...options(), resource: RESOURCE })).kind).toBe("removed");
            expect([rulesOf(4), rulesOf(6)]).toEqual(before);
            expect(host.sh("ls /var/lib/vps-firewall 2>/dev/null | grep -v host-id || true")).toBe("");
        });

        test("is taken back when nobody confirms; a first one too", async () => {
            const vanished = new Error("vanished");
            const vanish = (port: number) =>
                apply(port, {
                    confirmSeconds: 1,
                    onStage: (stage) => {
                        if (stage === "loaded") throw vanished;
                    },
                });
            await expect(vanish(80)).rejects.toBe(vanished);
            expect(openPorts()).toBe("80,80");
            await until(() => openPorts() === "none,none");
            expect(save(4) + save(6)).not.toContain("VPSFW");
            mustBe(await apply(81), "confirmed");
            await expect(vanish(82)).rejects.toBe(vanished);
            await until(() => openPorts() === "81,81");
        });

        test("where IPv6 refuses, IPv4 is as it was, and nothing is pending", async () => {
            mustBe(await apply(80), "confirmed");
            const before = rulesOf(4);
            beforeIpv6('echo "ip6tables refuses" >&2\nexit 1');
            await expect(apply(81)).rejects.toThrow(/^VF166 .*ip6tables refuses/);
            expect(rulesOf(4)).toBe(before);
            host.sh(`rm /usr/local/sbin/ip6tables-${variant}-restore`);
            expect(openPorts()).toBe("80,80");
            const { pending, repairs } = await probeHost(options());
            expect([pending, repairs]).toEqual([undefined, []]);
            mustBe(await apply(82), "confirmed");
        });

        test("where IPv6 can't even be asked, IPv4 is as it was, and nothing of IPv4 is put into IPv6", async () => {
            mustBe(await apply(80), "confirmed");
            const before = [rulesOf(4), rulesOf(6)];
            // From the moment that IPv4 is loaded on.
            host.sh(`for program in iptables ip6tables; do cat >/usr/local/sbin/$program-${variant}-save <<END
#!/bin/sh
[ ! -e /run/fails ] || [ "\${0#*ip6}" = "\$0" ] || { echo "no answer" >&2; exit 1; }
exec /usr/sbin/\${0##*/} "\$@"
END
chmod 755 /usr/local/sbin/$program-${variant}-save; done
cat >/usr/local/sbin/iptables-${variant}-restore <<'END'
#!/bin/sh
case "$*" in *--test*) ;; *) : >/run/fails ;; esac
exec /usr/sbin/iptables-${variant}-restore "$@"
END
chmod 755 /usr/local/sbin/iptables-${variant}-restore`);
            const outcome = await apply(81, { confirmSeconds: 5 }).catch((error: unknown) => error);
            host.sh("rm -f /usr/local/sbin/*-restore /usr/local/sbin/*-save /run/fails");
            expect(outcome).toBeDefined();
            await until(() => rulesOf(4) === before[0] && rulesOf(6) === before[1], 20);
            expect(rulesOf(6)).toBe(before[1]);
            mustBe(await apply(82), "confirmed");
            expect(openPorts()).toBe("82,82");
        });

        test.each([
            ["a first apply", undefined, "none,none"],
            ["a change", 80, "80,80"],
        ])("%s that is killed between the families goes back in both", async (_, port, back) => {
            if (port !== undefined) mustBe(await apply(port), "confirmed");
            // Ends the whole step, the moment that IPv4 is loaded.
            beforeIpv6(`[ ! -e /run/killed ] || exec /usr/sbin/ip6tables-${variant}-restore "$@"
: >/run/killed
for process in /proc/[0-9]*; do
    case $(tr '\\0' ' ' <$process/cmdline) in 'sh -s --'*) kill -9 "\${process#/proc/}" ;; esac
done
exit 1`);
            const outcome = await apply(81, { confirmSeconds: 5 }).catch((error: unknown) => error);
            expect(openPorts()).toBe(back);
            expect(outcome).toMatchObject({ kind: "reverted" });
            expect(new Set(marks()).size).toBe(1);
            mustBe(await apply(82), "confirmed");
            expect(openPorts()).toBe("82,82");
        });

        test("where nothing loads any more, a revert removes our chains one by one, and says so (VF112)", async () => {
            mustBe(await apply(80), "confirmed");
            const id = await apply(81, { confirmSeconds: 1, egress: true, onStage: vanish }).catch(() => "vanished");
            expect(id).toBe("vanished");
            for (const program of ["iptables", "ip6tables"])
                host.sh(`printf '#!/bin/sh\\necho broken >&2; exit 1\\n' >/usr/local/sbin/${program}-${variant}-restore
                    chmod 755 /usr/local/sbin/${program}-${variant}-restore`);
            await until(() => !(save(4) + save(6)).includes("VPSFW"), 20);
            host.sh(`rm /usr/local/sbin/*-${variant}-restore`);
            const { failure, table } = await probeHost(options());
            expect(table).toBe("absent");
            expect(failure).toContain("broken");
            mustBe(await apply(82), "confirmed");
        });

        test("boot loads what is confirmed, over what another service has saved, and nothing twice", async () => {
            host.sh("printf '#!/bin/sh\\n' >/etc/rc.local; chmod 755 /etc/rc.local");
            mustBe(await apply(80), "confirmed");
            const old = { 4: save(4), 6: save(6) };
            mustBe(await apply(81), "confirmed");
            for (const family of [4, 6] as const) restore(family, old[family]);
            expect(openPorts()).toBe("80,80");
            host.sh("sh /var/lib/vps-firewall/load.sh");
            expect(openPorts()).toBe("81,81");
            host.sh(ipv4 + " -I VPSFW-IN -s 192.0.2.77 -j DROP; sh /var/lib/vps-firewall/load.sh");
            expect(save(4)).toContain("192.0.2.77");
            host.sh("sh /var/lib/vps-firewall/load.sh anew");
            expect(save(4)).not.toContain("192.0.2.77");
            expect(save(6).match(/-j VPSFW-IN/g)).toHaveLength(1);
        });

        test("a family that somebody has flushed is loaded by the next change; a delete cut short is finished", async () => {
            const { applyId } = mustBe(await apply(80), "confirmed");
            host.sh(`ip6tables-${variant} -F; ip6tables-${variant} -X`);
            const found = await probeHost(options());
            expect(found).toMatchObject({ table: "marked", mark: { applyId }, repairs: [] });
            mustBe(await apply(81), "confirmed");
            expect(openPorts()).toBe("81,81");
            host.sh(`rm ${confirmed}; ${ipv4} -F; ${ipv4} -X`);
            expect((await probeHost(options())).repairs).toEqual(["finished a delete that was cut short"]);
            expect(save(6)).not.toContain("VPSFW");
        });
    });

    test.each([
        ["the one that holds rules, though the host calls the other", ["legacy"], "legacy", false],
        ["the other way round", ["nft"], "nft", false],
        ["what the host calls, where both hold rules, and says so", ["nft", "legacy"], "nft", true],
        ["what the host calls, where none does", [], "nft", false],
    ])("the variant is %s", async (_, holding, variant, mixedVariants) => {
        const host = await startBareHost();
        try {
            for (const each of holding) host.sh(`iptables-${each} -A INPUT -p tcp --dport 9999 -j DROP`);
            const options = { ...optionsFor(host), backend: "iptables" as const };
            expect(await probeHost(options)).toMatchObject({ filter: { variant }, mixedVariants });
            const plan = (_: unknown, applyId: string) => iptablesPlan(applyId, 80);
            mustBe(await applyRuleset({ ...options, plan, verify: () => undefined }), "confirmed");
            for (const each of ["nft", "legacy"])
                expect(host.sh(`iptables-${each}-save`).includes("VPSFW-IN")).toBe(each === variant);
            // What another variant holds later changes nothing.
            host.sh(`iptables-${variant === "nft" ? "legacy" : "nft"} -A INPUT -p tcp --dport 9998 -j DROP`);
            expect((await probeHost(options)).filter.variant).toBe(variant);
        } finally {
            host.stop();
        }
    });

    test("busybox runs all of it", async () => {
        const host = await startBareHost("busybox");
        try {
            const options = { ...optionsFor(host), backend: "iptables" as const, verify: () => undefined };
            const plan = (port: number) => (_: unknown, applyId: string) => iptablesPlan(applyId, port, port === 81);
            for (const port of [80, 81, 82]) mustBe(await applyRuleset({ ...options, plan: plan(port) }), "confirmed");
            expect(host.sh("ip6tables-save")).toContain("--dport 82 ");
            expect((await removeRuleset({ ...options, resource: RESOURCE })).kind).toBe("removed");
            expect(host.sh("iptables-save; ip6tables-save")).not.toContain("VPSFW");
        } finally {
            host.stop();
        }
    });

    test("a host that has a ruleset of ours keeps its packet filter (VF181), whatever is asked for", async () => {
        const host = await startBareHost();
        try {
            const iptables = { ...optionsFor(host), backend: "iptables" as const, verify: () => undefined };
            mustBe(await applyRuleset({ ...iptables, plan: (_, id) => iptablesPlan(id, 80) }), "confirmed");
            expect((await probeHost(optionsFor(host))).filter.backend).toBe("iptables");
            await expect(probeHost({ ...optionsFor(host), backend: "nftables" })).rejects.toThrow(/^VF181 /);
        } finally {
            host.stop();
        }
    });
});
