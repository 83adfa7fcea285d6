import { apply, applyAndVanish, openPort, probe, remove } from "../../boot/bootKit";
import { describeLab, type Lab, type LabHost, openLab } from "../../lab";
import { sideBySide } from "../../support/sideBySide";
import { MANAGERS, type Manager, mustRun, traceOf } from "./managers";

// A machine without the userland makes it first.
jest.setTimeout(300_000);

/** Each manager meets one of the two faults, with VPSFW_EVERY_TAKEOVER=1 both: that takes minutes. */
const EVERY = process.env.VPSFW_EVERY_TAKEOVER === "1";

/** A program of the host, and the words with which its call is where the step is killed. */
type Point = readonly [program: string, words: string];

const STOP: Readonly<Record<string, Point>> = {
    ufw: ["/lib/ufw/ufw-init", "stop"],
    firewalld: ["systemctl", "*stop*firewalld*"],
    "netfilter-persistent": ["unshare", "*"],
    nftables: ["unshare", "*"],
};
/** Once all was switched off, ours is loaded again. */
const LOADED_AGAIN: Point = ["nft", "*.forward.nft"];
const DISABLE = (name: string): Point => (name === "ufw" ? ["ufw", "disable"] : ["systemctl", `*disable*${name}*`]);

describeLab("a takeover that is cut short", () => {
    let lab: Lab;
    beforeAll(async () => {
        lab = await openLab();
    });
    afterAll(() => lab.close());

    const each = (names: readonly string[], words: string, run: (manager: Manager, host: LabHost) => Promise<void>) =>
        MANAGERS.filter(({ name }) => names.includes(name) || EVERY).map((manager): [string, () => Promise<void>] => [
            `${manager.name} ${words}`,
            async () => {
                const host = await lab.addHost(`${manager.name}-${words.length}`, {
                    kind: "systemd",
                    userland: "managers",
                });
                await mustRun(host, manager.start);
                await run(manager, host);
                await host.stop();
            },
        ]);

    sideBySide(
        Object.fromEntries([
            ...each(
                ["ufw", "nftables"],
                "is on again, or off with what is confirmed, wherever the step is killed",
                killed,
            ),
            ...each(
                ["firewalld", "netfilter-persistent"],
                "is on again after a power cut in the window, and off after one behind it",
                powerCut,
            ),
        ]),
    );

    async function killed(manager: Manager, host: LabHost): Promise<void> {
        const before = await traceOf(host, manager);
        const other = { takeover: true, confirmSeconds: 5 };
        let running: number | undefined;
        for (const [point, calls] of [
            [STOP[manager.name]!, 1],
            [LOADED_AGAIN, 2],
        ] as const) {
            await killAt(host, point, calls);
            const outcome = await apply(host, 81, other);
            expect([point, outcome.kind]).toEqual([point, "reverted"]);
            await whole(host, point);
            expect([point, await traceOf(host, manager)]).toEqual([point, before]);
            expect(await openPort(host)).toBe(running);
            // From now on it is a change.
            if (running === undefined) expect((await apply(host, (running = 80))).kind).toBe("confirmed");
        }
        const disable = DISABLE(manager.name);
        await killAt(host, disable, 1);
        expect((await apply(host, 82, other)).kind).toBe("confirmed");
        await whole(host, disable);
        expect(await openPort(host)).toBe(82);
        expect((await traceOf(host, manager)).state).toBe(manager.off);

        await remove(host);
        expect(await traceOf(host, manager)).toEqual(before);
    }

    async function powerCut(manager: Manager, host: LabHost): Promise<void> {
        const before = await traceOf(host, manager);
        await applyAndVanish(host, 80, 60, { takeover: true });
        expect((await traceOf(host, manager)).rules).not.toEqual(before.rules);
        await host.powerCut();
        await host.boot();
        await settled(host);
        expect(await openPort(host)).toBeUndefined();
        expect(await traceOf(host, manager)).toEqual(before);
        await probe(host);
        expect(await traceOf(host, manager)).toEqual(before);

        expect((await apply(host, 81, { takeover: true })).kind).toBe("confirmed");
        await host.powerCut();
        await host.boot();
        await settled(host);
        expect(await openPort(host)).toBe(81);
        expect((await traceOf(host, manager)).state).toBe(manager.off);
        await remove(host);
        expect(await traceOf(host, manager)).toEqual(before);
    }
});

const settled = (host: LabHost) => mustRun(host, "systemctl is-system-running --wait || true");

/** The killed step's locks are gone, and nothing of it is left but what is confirmed. */
async function whole(host: LabHost, point: unknown): Promise<void> {
    const found = await probe(host);
    expect([point, found.pending, found.leftOff]).toEqual([point, undefined, []]);
    const files = await mustRun(host, "ls /run/killed; ls /var/lib/vps-firewall 2>/dev/null || true");
    expect([point, files]).toEqual([point, expect.stringMatching(/^\/run\/killed\n/)]);
    expect(files).not.toMatch(/^[0-9a-f]{16}\./m);
}

/** Kills the step, once, when it calls the program like that for the so manieth time, and has the call fail. */
async function killAt(host: LabHost, [program, words]: Point, calls: number): Promise<void> {
    await mustRun(
        host,
        `rm -f /run/killed /run/calls
for wrapped in /usr/local/sbin/*; do [ ! -e "$wrapped" ] || rm "$wrapped"; done
if [ -e /lib/ufw/ufw-init.real ]; then mv /lib/ufw/ufw-init.real /lib/ufw/ufw-init; fi
real=$(command -v ${program})
case ${program} in
    /*) mv ${program} ${program}.real; wrapper=${program}; real=${program}.real ;;
    *) wrapper=/usr/local/sbin/${program} ;;
esac
cat >$wrapper <<END
#!/bin/sh
case "\\$*" in
    ${words})
        echo >>/run/calls
        if [ ! -e /run/killed ] && [ \\$(wc -l </run/calls) = ${calls} ]; then
            : >/run/killed
            for process in /proc/[0-9]*; do
                case \\$(tr '\\\\0' ' ' <\\$process/cmdline) in 'sh -s --'*) kill -9 "\\\${process#/proc/}" ;; esac
            done
            exit 1
        fi
        ;;
esac
exec $real "\\$@"
END
chmod 755 $wrapper`,
    );
}
