import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import type { FirewallError } from "../../core/model/diagnostics";
import { applyRuleset, type Credentials, openSession, probeHost, type Target } from "../../targets/ssh";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { timing, until } from "../targets/protocol/kit";
import { planFor } from "../targets/protocol/rulesets";

const PASSWORD = "correct horse";

/** sshd as different people set it up. */
describeLab("sshd", () => {
    let lab: Lab;
    let byPassword: LabHost;
    let inSteps: LabHost;
    let stingy: LabHost;
    let mean: LabHost;
    let nosy: LabHost;
    let none: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        const pam = ["UsePAM yes", "PermitRootLogin yes", "KbdInteractiveAuthentication yes"];
        const start = (name: string, ...sshdConfig: string[]) => lab.addHost(name, { sshdConfig });
        [byPassword, inSteps, stingy, mean, nosy, none] = await Promise.all([
            start("interactive", ...pam, "AuthenticationMethods keyboard-interactive"),
            start("steps", ...pam, "AuthenticationMethods publickey,keyboard-interactive:pam"),
            start("stingy", "MaxSessions 1"),
            start("mean", "MaxStartups 1:100:1", "LoginGraceTime 20"),
            start("nosy", "ClientAliveInterval 1", "ClientAliveCountMax 2", "Banner /etc/hosts"),
            start("none", "MaxSessions 0"),
        ]);
        await Promise.all(
            [byPassword, inSteps].map(async (host) => {
                await host.run(["chpasswd", "-c", "SHA512"], { input: `root:${PASSWORD}\n` });
                await asks(host, "auth required pam_unix.so nodelay");
            }),
        );
    });
    afterAll(() => lab?.close());

    const asks = (host: LabHost, ...auth: string[]) =>
        host.run(["sh", "-c", "cat >/etc/pam.d/sshd"], {
            input: [...auth, "account required pam_permit.so", "session required pam_permit.so", ""].join("\n"),
        });

    function connection(host: LabHost, credentials: Credentials = {}, changes: Partial<Target> = {}) {
        const target = { host: host.ipv4, hostKey: host.hostKey, dialErrorLimit: 0, ...changes };
        const surroundings = { config: {}, env: {}, home: "/nonexistent" };
        return {
            host: host.ipv4,
            timing,
            connect: (signal?: AbortSignal) => openSession(target, credentials, surroundings, { signal }),
        };
    }
    const logIn = async (...args: Parameters<typeof connection>) => (await connection(...args).connect()).close();
    const key = () => ({ privateKey: readFileSync(lab.keyFile, "utf8") });
    const apply = (host: LabHost, changes: Partial<Target> = {}) =>
        applyRuleset({
            ...connection(host, key(), changes),
            plan: (_, applyId) => planFor(applyId, 80),
            verify: () => undefined,
            confirmSeconds: 20,
        });

    describe("that asks by keyboard-interactive", () => {
        test("for the password: it gets it", async () => {
            await logIn(byPassword, { password: PASSWORD });
            const error = await connection(byPassword, { password: "wrong" }).connect().catch(String);
            expect(error).toMatch(/VF141 .*the password from connection/);
        });

        test("for a key and then the password: both are given", async () => {
            await logIn(inSteps, { ...key(), password: PASSWORD });
            await expect(logIn(inSteps, key())).rejects.toMatchObject({ code: "VF141" });
        });

        test("for anything else, or twice: refused, with the question (VF158)", async () => {
            // An expired password: asked for once more, and then for a new one.
            await byPassword.run("chage -d 0 root");
            await asks(
                byPassword,
                "auth required pam_unix.so nodelay",
                "account required pam_unix.so",
                "password required pam_unix.so",
            );
            const expired = await logIn(byPassword, { password: PASSWORD }).catch((error: FirewallError) => error);
            await byPassword.run("chage -d 20000 root");
            expect(expired).toMatchObject({
                code: "VF158",
                message: expect.stringContaining(
                    'asks root for more than a password: "You are required to change your password',
                ) as string,
            });
        });
    });

    test("with one session at a time (MaxSessions 1): a whole change", async () => {
        expect((await apply(stingy)).kind).toBe("confirmed");
        const session = await connection(stingy, key()).connect();
        for (let i = 0; i < 20; i++) {
            const { stdout } = await session.run(`echo ${i}`, "", { timeoutMs: 5000, maxOutput: 100 });
            expect(stdout).toBe(`${i}\n`);
        }
        session.close();
    });

    test("with none (MaxSessions 0): said so (VF159)", async () => {
        await expect(probeHost(connection(none, key()))).rejects.toThrow(
            /^VF159 .*let root log in but runs no command/,
        );
    });

    test("that drops whoever comes while another one logs in (MaxStartups 1:100:1): tried again", async () => {
        // Of this keyword the last value counts.
        await mean.run("sed -i '/^MaxStartups 100$/d' /etc/ssh/sshd_config; kill -HUP $(cat /run/sshd.pid)");
        while (!(await mean.run("cat /proc/[0-9]*/cmdline")).stdout.includes("1-1 startups")) continue;
        const other = connectSocket({ host: mean.ipv4, port: 22 });
        await new Promise((resolve) => other.once("data", resolve));
        await expect(logIn(mean, key())).rejects.toMatchObject({ code: "VF140" });
        setTimeout(() => other.destroy(), 1500);
        expect((await apply(mean, { dialErrorLimit: 10 })).kind).toBe("confirmed");
    });

    test("that wants signs of life (ClientAliveInterval): a command that says nothing for long", async () => {
        const session = await connection(nosy, key()).connect();
        const { stdout } = await session.run("sleep 4; echo there", "", { timeoutMs: 20_000, maxOutput: 100 });
        expect(stdout).toBe("there\n");
        session.close();
    });

    test("at an IPv6 address, with and without a zone", async () => {
        const pinned = { hostKey: undefined, hostKeyChecking: "accept-new" } as const;
        await logIn(nosy, key(), { host: nosy.ipv6 });
        const device = execFileSync("ip", ["-o", "-6", "addr", "show", "to", lab.deployer.ipv6], {
            encoding: "utf8",
        }).split(/\s+/)[1];
        const { stdout } = await nosy.run("ip -o -6 addr show dev eth0 scope link");
        const linkLocal = /fe80::[0-9a-f:]+/.exec(stdout)?.[0];
        expect(linkLocal).toBeDefined();
        const probe = await probeHost(connection(nosy, key(), { ...pinned, host: `${linkLocal}%${device}` }));
        expect(probe.connection?.serverAddress).toMatch(/^fe80::/);
        await expect(logIn(nosy, key(), { host: `[${nosy.ipv6}]` })).rejects.toThrow(/^VF154 connection\.host/);
    });

    test("that shows a certificate of its host: the key itself is asked for", async () => {
        const folder = lab.keyFile.replace(/[^/]*$/, "");
        const authority = join(folder, "authority");
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", authority]);
        await nosy.run(["sh", "-c", "cat >/etc/ssh/authority; chmod 600 /etc/ssh/authority"], {
            input: readFileSync(authority, "utf8"),
        });
        await nosy.run(
            `cd /etc/ssh && ssh-keygen -q -s authority -I host -h -n ${nosy.ipv4} ssh_host_ed25519_key.pub && echo 'HostCertificate /etc/ssh/ssh_host_ed25519_key-cert.pub' >>sshd_config && kill -HUP $(cat /run/sshd.pid)`,
        );
        // It fails while sshd starts again.
        await until(() =>
            spawnSync("ssh-keyscan", ["-c", "-t", "ed25519", nosy.ipv4], { encoding: "utf8" }).stdout.includes("cert"),
        );
        await logIn(nosy, key());
    });
});
