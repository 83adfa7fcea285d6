import { listBackups } from "../../../targets/ssh/listBackups";
import type { ApplyOptions, Plan } from "../../../targets/ssh/protocol";
import { applyRuleset } from "../../../targets/ssh/applyRuleset";
import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { showBackup, showFirst } from "../../../targets/ssh/showBackup";
import { type BareHost, describeBare, startBareHost, type Userland } from "./bareHost";
import { FOREIGN_RULES, iptablesPlan } from "./iptablesRulesets";
import { mustBe, optionsFor, probe, staged } from "./kit";
import { FOREIGN, planFor, RESOURCE } from "./rulesets";

interface Kind {
    readonly name: string;
    readonly userland: Userland;
    readonly backend: "nftables" | "iptables";
    readonly ending: "nft" | "rules";
    readonly plan: (applyId: string, port: number) => Plan;
    readonly loadForeign: (host: BareHost) => void;
    /** Of what others filter, in a listing. */
    readonly foreign: string;
}

const nftables: Kind = {
    name: "nftables",
    userland: "debian",
    backend: "nftables",
    ending: "nft",
    plan: planFor,
    loadForeign: (host) => void host.sh(`nft -f - <<'END'\n${FOREIGN}END`),
    foreign: "elements = { 203.0.113.9, 203.0.113.10 }",
};
const iptables: Kind = {
    ...nftables,
    name: "iptables",
    backend: "iptables",
    ending: "rules",
    plan: iptablesPlan,
    loadForeign: (host) => void host.sh(`iptables-restore <<'END'\n${FOREIGN_RULES}END`),
    foreign: "-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd",
};
const kinds = [nftables, iptables, { ...nftables, name: "nftables with busybox", userland: "busybox" }] as const;

describeBare("backups", () => {
    describe.each<Kind>(kinds)("$name", ({ userland, backend, ending, plan, loadForeign, foreign }) => {
        let host: BareHost;
        beforeEach(async () => {
            host = await startBareHost(userland);
        });
        afterEach(() => host.stop());

        const apply = (port: number, other: Partial<ApplyOptions> = {}) =>
            applyRuleset({
                ...optionsFor(host),
                backend,
                plan: (_, applyId) => plan(applyId, port),
                verify: () => undefined,
                confirmSeconds: 20,
                ...other,
            });
        const list = () => listBackups(optionsFor(host));
        const files = () => host.sh("ls /var/lib/vps-firewall | grep ^backup || true").split("\n").filter(Boolean);
        /** As the ruleset of a backup, or of the host, opens it. */
        const portIn = (text: string) => Number(/(\d+) .*"web\/open"/.exec(text)?.[1]);
        const confirmed = () => portIn(host.sh(`cat /var/lib/vps-firewall/confirmed.${ending}`));
        /** A program in front of that of the host. */
        const wrap = (program: string, script: string) =>
            host.sh(
                `cat >/usr/local/sbin/${program} <<'END'\n#!/bin/sh\n${script}\nEND\nchmod 755 /usr/local/sbin/${program}`,
            );

        test("EA-41: what was there before the first apply is kept, and stays the first", async () => {
            loadForeign(host);
            mustBe(await apply(80), "confirmed");
            const first = await showFirst(optionsFor(host));
            expect(first).toContain(foreign);
            expect(first).not.toMatch(/web\/open/);
            expect(first).toMatch(/^# .* before the first apply of pulumi-vps-firewall, \d{8}T\d{6}Z\n/);
            mustBe(await apply(81), "confirmed");
            expect(await showFirst(optionsFor(host))).toBe(first);
            // Whatever empties the packet filter: it is no first apply again.
            if (backend === "nftables") {
                host.sh("nft flush ruleset");
                mustBe(await apply(82), "confirmed");
                expect(await showFirst(optionsFor(host))).toBe(first);
            }
            expect((await list()).firstAt).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        });

        test("EA-41: two changes within a second keep two backups, each with its rules and its manifest", async () => {
            for (const port of [80, 81, 82]) mustBe(await apply(port), "confirmed");
            const { replaced, confirmed } = await list();
            expect(
                replaced.map(({ number, kept, backend }) => [number, kept?.generation, kept?.manifest, backend]),
            ).toEqual([
                [1, 1, { port: 80 }, backend],
                [2, 2, { port: 81 }, backend],
            ]);
            expect(confirmed).toMatchObject({ generation: 3, manifest: { port: 82 } });
            for (const [number, port] of [
                [1, 80],
                [2, 81],
            ] as const) {
                const shown = await showBackup(optionsFor(host), number);
                expect(portIn(shown.text)).toBe(port);
                expect(shown.kept).toMatchObject({ generation: number, manifest: { port } });
            }
            await expect(showBackup(optionsFor(host), 7)).rejects.toThrow(/^VF183 web1 keeps no backup 7/);
            const now = host.sh("date -u +%Y%m%dT").trim();
            expect(
                files()
                    .filter((name) => name.startsWith("backup-000001-"))
                    .join(),
            ).toContain(`-${now}`);
        });

        test("the last ten are kept, and delete removes all", async () => {
            loadForeign(host);
            for (let port = 80; port <= 91; port++) mustBe(await apply(port), "confirmed");
            const { replaced } = await list();
            expect(replaced.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
            expect(replaced.map(({ kept }) => kept?.manifest)).toEqual(
                replaced.map(({ number }) => ({ port: 79 + number })),
            );
            expect(files()).toHaveLength(21);
            expect(host.sh(staged)).toBe("");
            await removeRuleset({ ...optionsFor(host), resource: RESOURCE });
            expect(host.sh("ls /var/lib")).toBe("");
            expect(await list()).toEqual({ confirmed: undefined, replaced: [], firstAt: undefined });
        }, 240_000);

        test("a clock that was set back, and a manifest that was lost: the last are still the last", async () => {
            mustBe(await apply(80), "confirmed");
            wrap("date", "echo 20990101T000000Z");
            mustBe(await apply(81), "confirmed");
            wrap("date", "echo 20200101T000000Z");
            mustBe(await apply(82), "confirmed");
            host.sh("echo nonsense >/var/lib/vps-firewall/confirmed.json");
            mustBe(await apply(83), "confirmed");
            const { replaced } = await list();
            expect(
                replaced.map(({ number, replacedAt, kept }) => [number, replacedAt.slice(0, 4), kept?.manifest]),
            ).toEqual([
                [1, "2099", { port: 80 }],
                [2, "2020", { port: 81 }],
                [3, "2020", undefined],
            ]);
        });

        test("of large ones as many as there is room for, and always the last", async () => {
            mustBe(await apply(80), "confirmed");
            // As if each had 60 MB.
            wrap("wc", "echo 31457280");
            mustBe(await apply(81), "confirmed");
            expect((await list()).replaced.map(({ number }) => number)).toEqual([1]);
            mustBe(await apply(82), "confirmed");
            expect((await list()).replaced.map(({ number }) => number)).toEqual([2]);
        });

        test("a first apply that is not confirmed leaves none; the next one is the first", async () => {
            const vanish = (stage: string) => {
                if (stage === "loaded") throw new Error("vanished");
            };
            await expect(apply(80, { confirmSeconds: 1, onStage: vanish })).rejects.toThrow("vanished");
            expect(files()).toEqual(["backup-first.txt"]);
            // Waits until it is taken back.
            expect((await probeSettledAfter(2500)).table).toBe("absent");
            expect(files()).toEqual([]);
            loadForeign(host);
            mustBe(await apply(81), "confirmed");
            expect(await showFirst(optionsFor(host))).toContain(foreign);

            async function probeSettledAfter(milliseconds: number) {
                await new Promise((resolve) => setTimeout(resolve, milliseconds));
                return probe(host);
            }
        });

        test("what can't be kept is told, and keeps nothing from being confirmed", async () => {
            const told: string[] = [];
            const progress = (_: string, text: string) => void told.push(text);
            wrap("head", 'case "$1" in -c) exit 1 ;; esac; exec /usr/bin/head "$@"');
            mustBe(await apply(80, { progress }), "confirmed");
            expect(told).toContain("what this host filtered before could not be kept on it");
            expect(files()).toEqual([]);
            host.sh("rm /usr/local/sbin/head");
            wrap(
                "ln",
                'case "$*" in *backup*) echo "ln: No space left on device" >&2; exit 1 ;; esac; exec /usr/bin/ln "$@"',
            );
            mustBe(await apply(81, { progress }), "confirmed");
            expect(told).toContain("no backup of what this change replaces: ln: No space left on device");
            expect(confirmed()).toBe(81);
            expect(files()).toEqual([]);
            host.sh("rm /usr/local/sbin/ln");
            mustBe(await apply(82), "confirmed");
            expect((await list()).replaced.map(({ number }) => number)).toEqual([2]);
        });

        /** The shell of the step and all that it has forked, once. */
        const killStep =
            "if [ -e /run/armed ]; then /usr/bin/rm -f /run/armed; for process in /proc/[0-9]*; do " +
            'case $(tr "\\0" " " <$process/cmdline 2>/dev/null) in "sh -s --"*) kill -9 ${process#/proc/} ;; esac; done; fi';

        test("EA-42: a confirmation that is killed at any of its programs leaves confirmed.* whole", async () => {
            mustBe(await apply(80), "confirmed");
            // Before or after each call of these, the whole step ends as by SIGKILL.
            for (const [program, when] of [
                ["ln", "before"],
                ["ln", "after"],
                ["mv", "before"],
                ["mv", "after"],
                ["rm", "before"],
                ["sort", "before"],
            ] as const) {
                const port = confirmed() + 1;
                const real = `/usr/bin/${program} "$@"; code=$?`;
                wrap(program, `${when === "before" ? `${killStep}; ${real}` : `${real}; ${killStep}`}; exit $code`);
                const onStage = (stage: string) => void (stage === "loaded" && host.sh("touch /run/armed"));
                const outcome = await apply(port, { onStage, confirmSeconds: 6 });
                expect(host.sh("ls /run")).not.toContain("armed");
                host.sh(`rm -f /usr/local/sbin/${program}`);
                const found = await probe(host);
                const ended = outcome.kind === "confirmed" ? port : port - 1;
                expect({ program, when, kind: outcome.kind }).toEqual({ program, when, kind: "confirmed" });
                expect(confirmed()).toBe(ended);
                expect(found.confirmed?.manifest).toEqual({ port: ended });
                expect(found.mark?.applyId).toBe(found.confirmed?.applyId);
                expect(host.sh(staged)).toBe("");
                const { replaced } = await list();
                expect(replaced.at(-1)?.kept?.manifest).toEqual({ port: ended - 1 });
                expect(new Set(replaced.map(({ applyId }) => applyId)).size).toBe(replaced.length);
            }
            expect(files().filter((name) => name.endsWith(".json"))).toHaveLength((await list()).replaced.length);
        }, 240_000);
    });
});

describeBare("a full and a read-only disk", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
    });
    afterEach(() => host.stop());

    const apply = (port: number, told: string[], onStage?: ApplyOptions["onStage"]) =>
        applyRuleset({
            ...optionsFor(host),
            plan: (_, applyId) => planFor(applyId, port),
            verify: () => undefined,
            confirmSeconds: 4,
            progress: (_, text) => void told.push(text),
            ...(onStage && { onStage }),
        });

    test("no room for a link is only told", async () => {
        const told: string[] = [];
        mustBe(await apply(80, told), "confirmed");
        // As many files as there are now: a new name has no room, a rename has.
        const fill = (stage: string) =>
            void (
                stage === "loaded" &&
                host.sh("mount -o remount,nr_inodes=$(df -i /var/lib | awk 'NR == 2 { print $3 }') /var/lib")
            );
        mustBe(await apply(81, told, fill), "confirmed");
        expect(told.filter((text) => text.startsWith("no backup"))).toEqual([
            expect.stringMatching(/^no backup of what this change replaces: .*No space left on device/),
        ]);
        expect(host.sh("cat /var/lib/vps-firewall/confirmed.nft")).toContain("dport 81");
    });

    test("read-only between load and confirm: taken back as ever, and the backups stay", async () => {
        const told: string[] = [];
        mustBe(await apply(80, told), "confirmed");
        mustBe(await apply(81, told), "confirmed");
        const readOnly = (stage: string) => void (stage === "loaded" && host.sh("mount -o remount,ro /var/lib"));
        mustBe(await apply(82, told, readOnly), "reverted");
        host.sh("mount -o remount,rw /var/lib");
        const { replaced, confirmed } = await listBackups(optionsFor(host));
        expect(replaced.map(({ number }) => number)).toEqual([1]);
        expect(confirmed?.manifest).toEqual({ port: 81 });
    });
});
