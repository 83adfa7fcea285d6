import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OperationResult } from "../../engine/stack";
import { describeLab, type LabHost } from "../lab";
import { mustRun } from "../lab/command";
import { PROGRAM, rulesetsOf, untouched } from "./anyHosts";
import { openWorld, type World } from "./world";

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("hosts that are refused, or refuse", () => {
    let world: World;
    let plain: LabHost;
    let others: Record<"sudo" | "noSudo" | "withoutNft" | "oldNft" | "pinned", LabHost>;

    beforeAll(async () => {
        world = await openWorld();
        world.write(PROGRAM);
        const { lab } = world;
        const [first, sudo, noSudo, withoutNft, oldNft, pinned] = await Promise.all([
            lab.addHost("plain"),
            lab.addHost("sudo", { sudo: "passwordless" }),
            lab.addHost("no-sudo", { sudo: "none" }),
            lab.addHost("without-nft", { without: ["nft", "iptables"] }),
            lab.addHost("old-nft", { nftVersion: "0.9.3" }),
            lab.addHost("pinned"),
        ]);
        plain = first;
        others = { sudo, noSudo, withoutNft, oldNft, pinned };
    });
    afterAll(() => world.close());

    /** A home directory whose known_hosts has these lines. */
    function homeThatKnows(...lines: readonly string[]): NodeJS.ProcessEnv {
        const home = mkdtempSync(join(world.folder, "home-"));
        mkdirSync(join(home, ".ssh"));
        writeFileSync(join(home, ".ssh", "known_hosts"), lines.map((line) => `${line}\n`).join(""));
        return { HOME: home };
    }

    const up = (name: string, hosts: object, options = {}): Promise<OperationResult> =>
        world.stack({ hosts: JSON.stringify(hosts) }, name, options).up();

    test("each refusal names code, host and the way out, and leaves the host as it was", async () => {
        const { sudo, noSudo, withoutNft, oldNft } = others;
        const key = join(world.folder, "stranger");
        await mustRun(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
        const strangersKey = await mustRun(["cat", key]);
        const closed = { host: plain.ipv4, port: 2222, dialErrorLimit: 1 };
        const said = (result: OperationResult) => result.text.replace(/\s+/g, " ");

        const [wrongKey, noKey, wrongUser, noRoot, noNft, tooOld, unknownKey, changedKey, unreachable] =
            await Promise.all([
                up(
                    "wrong-key",
                    { a: { connection: { host: plain.ipv4 } } },
                    { secretConfig: { "vps-firewall:privateKey": strangersKey } },
                ),
                up("no-key", { a: { connection: { host: plain.ipv4 } } }, { secretConfig: {} }),
                up("wrong-user", { a: { connection: { host: sudo.ipv4, user: "nobody" } } }),
                up("no-root", { a: { connection: { host: noSudo.ipv4, user: "deploy" } } }),
                up("no-nft", { a: { connection: { host: withoutNft.ipv4 } } }),
                up("old-nft", { a: { connection: { host: oldNft.ipv4 } } }),
                up("unknown-key", { a: { connection: { host: plain.ipv4 } } }, { env: homeThatKnows() }),
                up(
                    "changed-key",
                    { a: { connection: { host: plain.ipv4 } } },
                    { env: homeThatKnows(`${plain.ipv4} ${sudo.hostKey}`) },
                ),
                up("unreachable", { a: { connection: closed } }),
            ]);

        expect(said(wrongKey)).toMatch(
            new RegExp(`VF141 ${plain.ipv4} did not let root log in; tried: .*authorized_keys`),
        );
        expect(said(noKey)).toMatch(new RegExp(`VF142 .*${plain.ipv4}.* Set vps-firewall:privateKey`));
        expect(said(wrongUser)).toMatch(new RegExp(`VF141 ${sudo.ipv4} did not let nobody log in.* Check the user`));
        expect(said(noRoot)).toMatch(new RegExp(`VF162 ${noSudo.ipv4} .* Connect as root, allow the user sudo`));
        expect(said(noNft)).toContain(
            `VF160 ${withoutNft.ipv4} has neither nft nor iptables-restore. Install the package nftables`,
        );
        expect(said(tooOld)).toMatch(new RegExp(`VF161 ${oldNft.ipv4} has nft 0\\.9\\.3\\. 0\\.9\\.8 is the oldest`));
        expect(said(unknownKey)).toMatch(new RegExp(`VF144 the host key of ${plain.ipv4} is not known.*ssh-keyscan`));
        expect(said(changedKey)).toMatch(
            new RegExp(`VF145 THE HOST KEY OF ${plain.ipv4} HAS CHANGED: .*Nothing was sent to it.*ssh-keygen -R`),
        );
        expect(said(unreachable)).toMatch(
            new RegExp(`VF140 ${plain.ipv4} port 2222 could not be reached: connection refused \\(2 tries in`),
        );

        for (const result of [wrongKey, wrongUser, noRoot, noNft, tooOld, unknownKey, changedKey, unreachable]) {
            expect(result.ok).toBe(false);
            expect(rulesetsOf(result)).toEqual([]);
            // One error for what happened: no stack trace, no second line that says it failed.
            expect(result.diagnostics.filter(({ severity }) => severity === "error")).toHaveLength(1);
        }
        for (const host of [plain, sudo, noSudo, withoutNft, oldNft]) expect(await untouched(host)).toBe(true);
    });

    test("passwordless sudo will do, and a host that fails takes nothing from its neighbours", async () => {
        const { sudo, noSudo } = others;
        const deploy = { connection: { host: sudo.ipv4, user: "deploy" } };
        const first = await up("neighbours", { good: deploy });
        expect(first.ok).toBe(true);
        expect(await world.lab.connect({ to: sudo.ipv4, port: 22 })).toBe("open");
        const running = "nft -s list table inet vps_firewall && cat /var/lib/vps-firewall/confirmed.json";
        const before = await sudo.run(running);
        expect(before.code).toBe(0);

        const bad = { connection: { host: noSudo.ipv4, user: "deploy" } };
        const second = await up("neighbours", { bad, good: deploy });
        expect(second.ok).toBe(false);
        expect(second.text).toContain("VF162");
        expect(rulesetsOf(second)).toEqual(rulesetsOf(first));
        expect((await sudo.run(running)).stdout).toBe(before.stdout);
        expect((await world.stack({ hosts: JSON.stringify({ good: deploy }) }, "neighbours").destroy()).ok).toBe(true);
        expect(await untouched(sudo)).toBe(true);
    });

    test("accept-new pins the first key it meets; another one later is refused", async () => {
        const { pinned } = others;
        const env = homeThatKnows();
        const hosts = { a: { connection: { host: pinned.ipv4 }, hostKeyChecking: "accept-new" } };
        const first = await up("accept-new", hosts, { env });
        expect(first.ok).toBe(true);
        const [ruleset] = rulesetsOf(first);
        expect(pinned.hostKeys).toContain(ruleset?.outputs["pinnedHostKey"]);

        await pinned.run(`rm /etc/ssh/ssh_host_*; ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
            kill -HUP "$(cat /run/sshd.pid)"; until ssh-keyscan -t ed25519 localhost 2>/dev/null | grep -q ed25519; do sleep 0.05; done`);
        const changed = { a: { ...hosts.a, rules: { ssh: { service: "ssh" }, web: { service: "http" } } } };
        const second = await up("accept-new", changed, { env });
        expect(second.ok).toBe(false);
        expect(second.text).toContain(`VF145 THE HOST KEY OF ${pinned.ipv4} HAS CHANGED`);
        expect(rulesetsOf(second)).toEqual(rulesetsOf(first));
    });
});
