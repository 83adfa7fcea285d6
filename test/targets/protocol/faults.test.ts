import { removeRuleset } from "../../../targets/ssh/removeRuleset";
import { type BareHost, describeBare, startBareHost, type Userland } from "./bareHost";
import {
    apply,
    applyAndVanish,
    confirmedFile,
    mustBe,
    openPort,
    optionsFor,
    probe,
    staged,
    timing,
    until,
} from "./kit";
import { RESOURCE } from "./rulesets";

const rulesetOnDisk = `cat ${confirmedFile}`;

/** Runs `story` on hosts side by side, each of which runs the ruleset that opens port 80. */
async function onHosts<Kind extends string>(
    kinds: readonly Kind[],
    story: (host: BareHost, kind: Kind) => Promise<void>,
    userlandOf: (kind: Kind) => Userland = () => "debian",
): Promise<void> {
    await Promise.all(
        kinds.map(async (kind) => {
            const host = await startBareHost(userlandOf(kind));
            try {
                mustBe(await apply(host, 80), "confirmed");
                await story(host, kind);
            } finally {
                host.stop();
            }
        }),
    );
}

describeBare("a disk that can't be written", () => {
    type Fault = "full" | "read-only";
    const both: readonly Fault[] = ["full", "read-only"];
    const begin = (host: BareHost, fault: Fault) =>
        host.sh(fault === "full" ? "cat /dev/zero 2>/dev/null >/var/lib/fill; true" : "mount -o remount,ro /var/lib");
    const end = (host: BareHost, fault: Fault) =>
        host.sh(fault === "full" ? "rm /var/lib/fill" : "mount -o remount,rw /var/lib");

    test("before the apply: refused, nothing changed, and possible again afterwards", () =>
        onHosts(both, async (host, fault) => {
            const before = host.sh(rulesetOnDisk);
            begin(host, fault);
            await expect(apply(host, 81)).rejects.toThrow(/^VF169 .*(No space left on device|Read-only file system)/);
            expect(openPort(host)).toBe(80);
            expect(host.sh(rulesetOnDisk)).toBe(before);
            expect((await probe(host)).pending).toBeUndefined();
            end(host, fault);
            expect(mustBe(await apply(host, 81), "confirmed").generation).toBe(2);
            expect(host.sh(staged)).toBe("");
        }));

    test("between load and confirm: the host ends with one whole ruleset, and the client says which", () =>
        onHosts(both, async (host, fault) => {
            const onStage = (stage: string) => void (stage === "loaded" && begin(host, fault));
            const outcome = await apply(host, 81, { confirmSeconds: 4, onStage });
            // A rename needs no room, so a full disk lets it through.
            const port = fault === "full" ? 81 : 80;
            mustBe(outcome, fault === "full" ? "confirmed" : "reverted");
            expect(openPort(host)).toBe(port);
            expect((await probe(host)).confirmed?.manifest).toEqual({ port });
            end(host, fault);
            await probe(host);
            expect(host.sh(staged)).toBe("");
            expect(host.sh(rulesetOnDisk)).toContain(`tcp dport ${port} `);
            mustBe(await apply(host, 82), "confirmed");
        }));

    test("during the revert: it goes back all the same, and the next probe cleans up", () =>
        onHosts(both, async (host, fault) => {
            await applyAndVanish(host, 81, 1);
            begin(host, fault);
            await until(() => openPort(host) === 80);
            await until(() => host.sh("ls /run/vps-firewall") === "lock\n");
            end(host, fault);
            expect((await probe(host)).confirmed?.manifest).toEqual({ port: 80 });
            expect(host.sh(staged)).toBe("");
        }));

    test("before a delete: done or refused, and done again afterwards", () =>
        onHosts(both, async (host, fault) => {
            begin(host, fault);
            const options = { ...optionsFor(host), resource: RESOURCE };
            const removed = removeRuleset(options);
            if (fault === "full") expect((await removed).kind).toBe("removed");
            else await expect(removed).rejects.toThrow(/^VF169 /);
            expect(openPort(host)).toBe(fault === "full" ? undefined : 80);
            end(host, fault);
            await removeRuleset(options);
            expect(host.sh("nft list ruleset; ls /var/lib")).toBe("");
        }));

    const helpersOf = (host: BareHost) =>
        host.sh("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '").match(/helper\./g)?.length ?? 0;
    const fillRun = "cat /dev/zero 2>/dev/null >/run/fill; true";

    test("a full /run: refused before, gone back in the window, and given up in time where nothing loads", () =>
        onHosts(["before", "window", "helper killed", "nothing loads"], async (host, moment) => {
            host.sh("mount -o remount,size=256k /run");
            if (moment === "before") {
                host.sh(fillRun);
                await expect(apply(host, 81)).rejects.toThrow(/^VF168 /);
                expect(openPort(host)).toBe(80);
                host.sh("rm /run/fill");
                mustBe(await apply(host, 81), "confirmed");
                return;
            }
            const id = await applyAndVanish(host, 81, 1);
            host.sh(fillRun);
            if (moment === "helper killed") {
                host.sh(`kill -9 $(cut -d : -f 2 /run/vps-firewall/ready.${id}.1)`);
                // The other can't start it again, and neither tries for ever nor waits longer than it must.
                await until(() => openPort(host) === 80, 30);
                await until(() => helpersOf(host) === 0, 30);
                return;
            }
            if (moment === "window") return until(() => openPort(host) === 80);
            host.sh(`for file in ${id}.back confirmed; do echo nonsense >/var/lib/vps-firewall/$file.nft; done`);
            await until(() => host.sh("nft list ruleset") === "");
        }));
});

/** An nft that runs `script` first when its arguments match. */
function wrapNft(host: BareHost, pattern: string, script: string, always = ""): void {
    host.sh(`cat >/usr/local/sbin/nft <<'END'
#!/bin/sh
${always}
case "$*" in ${pattern}) ${script} ;; esac
exec /usr/sbin/nft "$@"
END
chmod 755 /usr/local/sbin/nft`);
}

describeBare("an nft that fails", () => {
    const userlands: readonly Userland[] = ["debian", "busybox"];
    const itself = (userland: Userland) => userland;
    const load = '"-f "*.forward.nft';

    test("at the load: refused, nothing changed", () =>
        onHosts(
            userlands,
            async (host) => {
                wrapNft(host, load, "echo 'netlink: No buffer space available' >&2; exit 1");
                await expect(apply(host, 81)).rejects.toThrow(/^VF166 .*No buffer space available/);
                expect(openPort(host)).toBe(80);
                expect(host.sh(staged)).toBe("");
            },
            itself,
        ));

    test("that loads and says it did not, and then can't be asked: the host goes back", () =>
        onHosts(
            userlands,
            async (host) => {
                const loadAndFail = '/usr/sbin/nft "$@"; touch /run/loaded; exit 1';
                wrapNft(host, load, loadAndFail, "[ ! -e /run/loaded ] || [ -e /run/works ] || exit 1");
                // It works again once the client waits for the host to go back.
                const progress = (phase: string) => void (phase === "confirming" && host.sh("touch /run/works"));
                mustBe(await apply(host, 81, { confirmSeconds: 60, progress }), "reverted");
                expect(openPort(host)).toBe(80);
                expect(host.sh(staged)).toBe("");
            },
            itself,
        ));

    test("a step that is killed while its nft loads: nobody takes over before that nft has ended", () =>
        onHosts(
            userlands,
            async (host) => {
                wrapNft(host, load, "touch /run/loading; while [ ! -e /run/go-on ]; do sleep 0.1; done");
                const outcome = apply(host, 81, { confirmSeconds: 3 });
                await until(() => host.sh("ls /run").includes("loading"));
                host.sh(`for process in /proc/[0-9]*; do
                    case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
                        'sh -s --'*) kill -9 "\${process#/proc/}" ;;
                    esac
                done; true`);
                const busy = { ...optionsFor(host), timing: { ...timing, lock: 1 } };
                await expect(removeRuleset({ ...busy, resource: RESOURCE })).rejects.toThrow(/^VF163/);
                host.sh("touch /run/go-on");
                mustBe(await outcome, "reverted");
                expect(openPort(host)).toBe(80);
                expect(host.sh(staged)).toBe("");
            },
            itself,
        ));
});
