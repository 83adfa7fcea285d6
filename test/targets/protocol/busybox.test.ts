import { removeRuleset } from "../../../targets/ssh/removeRuleset";
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
import { RESOURCE } from "./rulesets";

/** What depends on the shell and on the small programs of a host: here ash, and no flock. */
describeBare("a host with nothing but busybox", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost("busybox");
        mustBe(await apply(host, 80), "confirmed");
    });
    afterEach(() => host.stop());

    test("it is one", () => {
        expect(host.sh("command -v flock || echo none")).toBe("none\n");
        expect(host.sh("readlink /proc/$$/exe")).toContain("busybox");
    });

    test("a change is confirmed, another refused by nft, the table removed", async () => {
        expect(mustBe(await apply(host, 81), "confirmed").generation).toBe(2);
        const plan = (_: unknown, applyId: string) => ({
            forward: applyId,
            boot: applyId,
            manifest: {},
            back: "",
        });
        await expect(apply(host, 82, { plan })).rejects.toThrow("without the mark");
        expect(openPort(host)).toBe(81);
        expect((await removeRuleset({ ...optionsFor(host), resource: RESOURCE })).kind).toBe("removed");
        expect(host.sh("nft list ruleset; ls /var/lib")).toBe("");
    });

    test("the host goes back by itself", async () => {
        await applyAndVanish(host, 81, 1);
        await until(() => openPort(host) === 80 && host.sh(staged) === "");
    });

    test("nothing that should be put back loads: our table is removed", async () => {
        const id = await applyAndVanish(host, 81, 1);
        host.sh(`echo nonsense >${confirmedFile}; echo nonsense >/var/lib/vps-firewall/${id}.back.nft`);
        await until(() => host.sh("nft list ruleset") === "");
        expect((await probe(host)).failure).toContain("does not load");
    });

    test("several applies at once go one after the other", async () => {
        const outcomes = await Promise.all([apply(host, 81), apply(host, 82)]);
        const generations = outcomes.map((outcome) => mustBe(outcome, "confirmed").generation);
        expect([...generations].sort()).toEqual([2, 3]);
    });

    const boot = "$(cat /proc/sys/kernel/random/boot_id)";
    const lockedBy = (owner: string) => host.sh(`ln -s "${owner}" /run/vps-firewall/lock.owner`);

    test.each([
        ["a process that is gone", `${boot}:99999:1`],
        ["a process whose pid another has now", `${boot}:1:1`],
        ["another boot", 'another:1:$(cut -d " " -f 22 /proc/1/stat)'],
    ])("a lock left by %s does not stay", async (_, owner) => {
        lockedBy(owner);
        const began = Date.now();
        expect((await probe(host)).confirmed?.generation).toBe(1);
        expect(Date.now() - began).toBeLessThan(5000);
        expect(host.sh("ls /run/vps-firewall")).not.toContain("lock.owner");
    });

    test("a lock that is held stays", async () => {
        lockedBy(`${boot}:1:$(cut -d " " -f 22 /proc/1/stat)`);
        await expect(apply(host, 81, { timing: { ...timing, lock: 1 } })).rejects.toThrow(/^VF163/);
        expect(openPort(host)).toBe(80);
    });
});
