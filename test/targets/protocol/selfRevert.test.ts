import { probeOnce } from "../../../targets/ssh/probeHost";
import { runStep, defaultTiming } from "../../../targets/ssh/protocolStep";
import { describeBare, startBareHost, type BareHost } from "./bareHost";
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

const steps = { ...defaultTiming, ...timing };

describeBare("going back", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
        mustBe(await apply(host, 80), "confirmed");
    });
    afterEach(() => host.stop());

    /** Both of them at once, else the one that is left would start the other again. */
    const killHelpers = (id: string) => host.sh(`kill -9 $(cut -d : -f 2 /run/vps-firewall/ready.${id}.*)`);
    const spoil = (file: string) => host.sh(`echo 'no ruleset at all' >${file}`);

    test("the host goes back by itself, with nobody connected", async () => {
        await applyAndVanish(host, 81, 2);
        expect(openPort(host)).toBe(81);
        await until(() => openPort(host) === 80);
        await until(() => host.sh(staged) === "");
        await until(() =>
            host
                .sh("ls /run/vps-firewall")
                .trim()
                .split("\n")
                .every((name) => !/helper|ready|pending/.test(name)),
        );
    });

    test.each([1, 2])(
        "the helper %i is killed: the other starts it again, and that one takes the change back",
        async (first) => {
            const id = await applyAndVanish(host, 81, 4);
            const kill = (self: number) => host.sh(`kill -9 $(cut -d : -f 2 /run/vps-firewall/ready.${id}.${self})`);
            // Empty while the one is gone and the other not there yet.
            const processOf = (self: number) =>
                host.sh(`cat /run/vps-firewall/ready.${id}.${self} 2>/dev/null || true`).trim();
            const before = processOf(first);
            kill(first);
            await until(() => !["", before].includes(processOf(first)));
            kill(3 - first);
            await until(() => openPort(host) === 80);
            await until(() => host.sh("ls /run/vps-firewall") === "lock\n");
        },
    );

    test("not before its time", async () => {
        const id = await applyAndVanish(host, 81, 3);
        const began = Date.now();
        expect((await probeOnce(await host.connect(), optionsFor(host))).pending?.applyId).toBe(id);
        await until(() => openPort(host) === 80);
        expect(Date.now() - began).toBeGreaterThan(2500);
    });

    test("a first apply that is not confirmed leaves no table", async () => {
        const fresh = await startBareHost();
        try {
            await applyAndVanish(fresh, 81, 1);
            await until(() => fresh.sh("nft list ruleset") === "");
            expect(fresh.sh("ls /var/lib/vps-firewall")).toBe("");
        } finally {
            fresh.stop();
        }
    });

    test("no new connection: the client waits for the host and says what it runs", async () => {
        let opened = 0;
        const connect = () => {
            opened++;
            if (opened > 1 && openPort(host) === 81) return Promise.reject(new Error("connect timed out"));
            return host.connect();
        };
        const reverted = mustBe(await apply(host, 81, { connect, confirmSeconds: 2 }), "reverted");
        expect(reverted.reason).toBe("no new SSH connection could be opened within 2 s (connect timed out)");
        expect(reverted.probe.confirmed?.generation).toBe(1);
        expect(openPort(host)).toBe(80);
    });

    test("a connection that hangs is given up, and closed if it comes late", async () => {
        let closed = 0;
        const connect = async () => {
            const session = await host.connect();
            if (openPort(host) !== 81) return session;
            await new Promise((resolve) => setTimeout(resolve, 1500));
            return { ...session, close: () => void closed++ };
        };
        const options = { connect, confirmSeconds: 2, timing: { ...timing, dial: 1 } };
        expect(mustBe(await apply(host, 81, options), "reverted").reason).toContain("(connect timed out)");
        await until(() => closed > 0);
    });

    test("a host that is not found again is unknown", async () => {
        let opened = 0;
        const connect = () => (++opened > 1 ? Promise.reject(new Error("no route")) : host.connect());
        const options = { connect, confirmSeconds: 1, timing: { ...timing, reach: 2 } };
        const unknown = mustBe(await apply(host, 81, options), "unknown");
        expect(unknown.reason).toContain("no route");
        expect(unknown.before.confirmed?.generation).toBe(1);
        await until(() => openPort(host) === 80);
    });

    test("a late confirmation is refused", async () => {
        const id = await applyAndVanish(host, 81, 1);
        await until(() => openPort(host) === 80);
        const confirm = runStep(
            await host.connect(),
            { name: "confirm", filter: { backend: "nftables" }, timing: steps, variables: { apply_id: id } },
            10,
        );
        await expect(confirm).rejects.toThrow("too-late");
        expect((await probe(host)).confirmed?.generation).toBe(1);
    });

    test("too late counts from the deadline, also where the helper is gone", async () => {
        const id = await applyAndVanish(host, 81, 1);
        killHelpers(id);
        await new Promise((resolve) => setTimeout(resolve, 2500));
        expect(openPort(host)).toBe(81);
        const confirm = {
            name: "confirm",
            filter: { backend: "nftables" },
            timing: steps,
            variables: { apply_id: id },
        } as const;
        await expect(runStep(await host.connect(), confirm, 10)).rejects.toThrow("too-late");
        expect((await probe(host)).repairs).toEqual(["took back an apply that was not confirmed in time"]);
        expect(openPort(host)).toBe(80);
    });

    test("a confirmation whose answer was lost is asked for again and counts", async () => {
        let lost = 0;
        const connect = async () => {
            const session = await host.connect();
            if (openPort(host) !== 81 || lost > 0) return session;
            return {
                ...session,
                run: async (...args: Parameters<typeof session.run>) => {
                    await session.run(...args);
                    lost++;
                    throw new Error("the connection was reset");
                },
            };
        };
        expect(mustBe(await apply(host, 81, { connect }), "confirmed").generation).toBe(2);
        expect(lost).toBe(1);
    });

    test("an answer lost while loading: the host goes back, and the client says so", async () => {
        let runs = 0;
        const connect = async () => {
            const session = await host.connect();
            return {
                ...session,
                run: async (...args: Parameters<typeof session.run>) => {
                    const result = await session.run(...args);
                    if (++runs === 2) throw new Error("the connection was reset");
                    return result;
                },
            };
        };
        const reverted = mustBe(await apply(host, 81, { connect, confirmSeconds: 60 }), "reverted");
        expect(reverted.reason).toContain("the connection was reset");
        expect(openPort(host)).toBe(80);
    });

    test("a delete by hand in the window is not undone", async () => {
        await applyAndVanish(host, 81, 1);
        host.sh("nft delete table inet vps_firewall");
        await until(() => host.sh(staged) === "");
        expect(openPort(host)).toBeUndefined();
    });

    test("a reboot in the window: what the boot loaded counts", async () => {
        const id = await applyAndVanish(host, 81, 60);
        killHelpers(id);
        host.sh(`sed -i 's/^boot=.*/boot=another/' /run/vps-firewall/pending; nft -f ${confirmedFile}`);
        const found = await probe(host);
        expect(found.pending).toBeUndefined();
        expect(found.repairs).toEqual([]);
        expect(openPort(host)).toBe(80);
        expect(host.sh(staged)).toBe("");
    });

    test("a live ruleset that was never confirmed is replaced, even when nothing says it is pending", async () => {
        const id = await applyAndVanish(host, 81, 60);
        killHelpers(id);
        host.sh("rm -r /run/vps-firewall");
        expect((await probe(host)).repairs).toEqual(["replaced a ruleset that was never confirmed"]);
        expect(openPort(host)).toBe(80);
    });

    test("killed between the commit and what follows: the next probe finishes it", async () => {
        const id = await applyAndVanish(host, 81, 60);
        killHelpers(id);
        host.sh(`mv /var/lib/vps-firewall/${id}.boot.nft ${confirmedFile}`);
        const found = await probe(host);
        expect(found.confirmed).toMatchObject({ applyId: id, generation: 2, manifest: { port: 81 } });
        expect(openPort(host)).toBe(81);
        expect(host.sh(staged)).toBe("");
    });

    test("a way back that does not load: the confirmed ruleset is taken instead", async () => {
        const id = await applyAndVanish(host, 81, 1);
        spoil(`/var/lib/vps-firewall/${id}.back.nft`);
        await until(() => openPort(host) === 80);
        expect((await probe(host)).failure).toBeUndefined();
    });

    test("nothing loads: tried again, then our table is removed, and the reason kept (VF112)", async () => {
        const good = host.sh(`cat ${confirmedFile}`);
        const id = await applyAndVanish(host, 81, 1);
        spoil(`/var/lib/vps-firewall/${id}.back.nft`);
        spoil(confirmedFile);
        await until(() => host.sh("ls /run/vps-firewall").includes("failing"));
        expect(openPort(host)).toBe(81);
        await until(() => host.sh("nft list ruleset") === "");
        const found = await probe(host);
        expect(found.failure).toContain("confirmed.nft does not load: /var/lib/vps-firewall/confirmed.nft:1:");
        expect(found.pending).toBeUndefined();

        host.sh(`cat >${confirmedFile} <<'END'\n${good}END`);
        const lines: string[] = [];
        mustBe(await apply(host, 82, { progress: (_, text) => void lines.push(text) }), "confirmed");
        expect(lines[0]).toMatch(/^VF112 web1 could not put back what it had before: .*Our table was removed/);
        expect((await probe(host)).failure).toBeUndefined();
    });

    test("a way back that loads at a later try is taken", async () => {
        const good = host.sh(`cat ${confirmedFile}`);
        const id = await applyAndVanish(host, 81, 1);
        spoil(`/var/lib/vps-firewall/${id}.back.nft`);
        spoil(confirmedFile);
        await until(() => host.sh("ls /run/vps-firewall").includes("failing"));
        host.sh(`cat >${confirmedFile} <<'END'\n${good}END`);
        await until(() => openPort(host) === 80);
    });

    test("the helper holds neither the lock nor anything of the session", async () => {
        const id = await applyAndVanish(host, 81, 60);
        const pid = host.sh(`cut -d : -f 2 /run/vps-firewall/ready.${id}.1`).trim();
        // The runner of these tests may have left others open, with higher numbers.
        const open = host.sh(`for fd in 0 1 2 3 4 5 6 7 8 9; do readlink /proc/${pid}/fd/$fd; done || true`);
        expect(open).toBe("/dev/null\n".repeat(3));
        const stat = host.sh(`cat /proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
        expect(stat[3]).toBe(pid);
    });

    test("a lock that stays taken is said", async () => {
        host.sh("setsid flock /run/vps-firewall/lock sleep 8 >/dev/null 2>&1 &");
        await new Promise((resolve) => setTimeout(resolve, 300));
        const outcome = apply(host, 81, { timing: { ...timing, lock: 1 } });
        await expect(outcome).rejects.toThrow(/^VF163 another operation on the firewall of web1/);
    });
});
