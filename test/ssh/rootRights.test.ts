import { existsSync } from "node:fs";
import { applyRuleset, openSession, type Probe, probeHost, type Surroundings, type Target } from "../../targets/ssh";
import { removeRuleset } from "../../targets/ssh/removeRuleset";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { timing } from "../targets/protocol/kit";
import { planFor, RESOURCE } from "../targets/protocol/rulesets";

const PASSWORD = "tr0ub4dor & 'three' \"$HOME\" `id`";

/** The ways from a login to root, and what stands in it: sudo, login shells, forced commands. */
describeLab("a root shell", () => {
    let lab: Lab;
    let host: LabHost;

    beforeAll(async () => {
        lab = await openLab();
        host = await lab.addHost("web1", { sudo: "none", sshdConfig: ["PasswordAuthentication yes"] });
        await host.run(["chpasswd", "-c", "SHA512"], { input: `deploy:${PASSWORD}\n` });
        // Tests of wrong passwords need not wait as an attacker has to.
        await host.run(
            "echo 'auth required pam_unix.so nodelay' >/etc/pam.d/sudo; echo 'account required pam_permit.so' >>/etc/pam.d/sudo",
        );
    });
    afterAll(() => lab?.close());
    beforeEach(() => sudoers("deploy ALL=(ALL) ALL"));

    const sudoers = (lines: string) =>
        host.run(["sh", "-c", "cat >/etc/sudoers.d/deploy; chmod 440 /etc/sudoers.d/deploy"], { input: `${lines}\n` });
    const shellIs = (shell: string) => host.run(["usermod", "-s", shell, "deploy"]);
    afterEach(async () => {
        await shellIs("/bin/sh");
        await host.run("cd /home/deploy && rm -f .bashrc .bash_profile .profile .tcshrc");
    });

    function connection(around: Partial<Surroundings> = {}, target: Partial<Target> = {}, credentials = {}) {
        const place = { host: host.ipv4, user: "deploy", hostKey: host.hostKey, dialErrorLimit: 0, ...target };
        const surroundings = { config: {}, env: {}, home: "/nonexistent", ...around };
        return {
            host: host.ipv4,
            timing,
            connect: (signal?: AbortSignal) =>
                openSession(place, { privateKey: host.privateKey, ...credentials }, surroundings, { signal }),
        };
    }
    const probe = (...args: Parameters<typeof connection>): Promise<Probe> => probeHost(connection(...args));
    const withPassword = { config: { sudoPassword: PASSWORD } };

    test("EA-2: sudo with a password, from configuration, environment or the login: a whole change", async () => {
        const options = { plan: (_: unknown, id: string) => planFor(id, 80), verify: () => undefined };
        await expect(applyRuleset({ ...connection(withPassword), ...options })).resolves.toMatchObject({
            kind: "confirmed",
        });
        await removeRuleset({ ...connection(withPassword), resource: RESOURCE });
        const found = { connection: { clientAddress: lab.deployer.ipv4 }, machineId: host.machineId };
        expect(await probe({ env: { VPS_FIREWALL_SUDO_PASSWORD: PASSWORD } })).toMatchObject(found);
        expect(await probe({}, {}, { privateKey: undefined, password: PASSWORD })).toMatchObject(found);
        expect(await probe({ config: { sudoPassword: PASSWORD } }, {}, { password: "another one" })).toMatchObject(
            found,
        );
    });

    test("the password is nowhere to be seen: not in a command line, an environment or a file", async () => {
        // Every process that starts while the step runs is looked at, from inside the root shell's ancestors.
        await host.run(
            'printf \'#!/bin/sh\\nfor p in /proc/[0-9]*; do tr "\\\\0" " " <$p/cmdline; tr "\\\\0" " " <$p/environ; done >>/tmp/seen 2>/dev/null\\nexec /usr/sbin/nft "$@"\\n\' >/usr/local/sbin/nft; chmod 755 /usr/local/sbin/nft',
        );
        await probe(withPassword);
        await host.run("rm /usr/local/sbin/nft");
        const { stdout: seen } = await host.run("cat /tmp/seen");
        expect(seen).toContain("sudo -k -S");
        // The cache of the lab's userlands is the machine's, and large.
        const search = ["grep", "-rlF", "--exclude-dir=vps-firewall-lab", "tr0ub4dor"];
        const traces = await host.run([...search, "/tmp", "/run", "/var", "/home", "/root"]);
        expect(traces.stdout).toBe("");
    });

    test("sudo that does not ask gets no password, and it does not reach the script", async () => {
        await sudoers("deploy ALL=(ALL) NOPASSWD: ALL");
        expect((await probe(withPassword)).machineId).toBe(host.machineId);
        // Only shells may be run without: what counts is what is run, not that something may be.
        await sudoers("deploy ALL=(ALL) ALL, NOPASSWD: /usr/bin/true");
        expect((await probe(withPassword)).machineId).toBe(host.machineId);
        const asRoot = await probe(withPassword, { user: "root" });
        expect(asRoot.machineId).toBe(host.machineId);
    });

    test("EA-2: and each reason for no root rights has words of its own", async () => {
        const began = Date.now();
        await expect(probe({ config: { sudoPassword: "wrong" } })).rejects.toThrow(/^VF174 /);
        expect(Date.now() - began).toBeLessThan(8000);
        await expect(probe()).rejects.toThrow(/^VF162 .*a password is required/);
        await sudoers("Defaults:deploy requiretty\ndeploy ALL=(ALL) ALL");
        await expect(probe(withPassword)).rejects.toThrow(/^VF175 .*must have a tty/);
        await sudoers("# nobody");
        await expect(probe(withPassword)).rejects.toThrow(/^VF162 .*deploy is not in the sudoers file/);
        await sudoers("deploy ALL=(ALL) NOPASSWD: /usr/bin/true");
        await expect(probe(withPassword)).rejects.toThrow(/^VF162 .*not allowed to execute/);
        await sudoers("Defaults:deploy use_pty\ndeploy ALL=(ALL) ALL");
        expect((await probe(withPassword)).machineId).toBe(host.machineId);
    });

    test("login shells that print: before, without a line end, on both streams, and commands they run", async () => {
        await shellIs("/bin/bash");
        for (const text of [
            "echo Welcome; echo >&2 Caution",
            "printf 'no line end'",
            "set -xv",
            "yes 'a long banner of many lines' | head -n 20000",
            "trap 'echo bye' EXIT",
        ]) {
            await host.run(["sh", "-c", "cat >/home/deploy/.bashrc"], { input: `${text}\n` });
            expect((await probe(withPassword)).machineId).toBe(host.machineId);
        }
    });

    // The first three are always there.
    const shells = ["dash", "bash", "tcsh", "fish", "zsh", "ksh"].map((name) => `/bin/${name}`);
    test.each(shells.filter((shell) => existsSync(shell)))("%s as the login shell", async (shell) => {
        await shellIs(shell);
        expect((await probe(withPassword)).connection?.clientAddress).toBe(lab.deployer.ipv4);
    });

    test("what runs something else gets no script, and the error says what it said (VF176)", async () => {
        await shellIs("/usr/sbin/nologin");
        await expect(probe()).rejects.toThrow(/^VF176 .*This account is currently not available/);
        await shellIs("/bin/false");
        await expect(probe()).rejects.toThrow(/^VF176 .*status 1 and said nothing/);
        await shellIs("/bin/bash");
        for (const program of ["exec sh", "exec cat", "echo hello; exit 3"]) {
            // What it reads is at its end at once, so it ends too; a script would have left its mark.
            await host.run(["sh", "-c", "cat >/home/deploy/.bashrc"], {
                input: `[ -n "$SSH_CONNECTION" ] && { ${program}; } </dev/null\n`,
            });
            await expect(probe()).rejects.toThrow(/^VF176 /);
        }
        const keys = "/root/.ssh/authorized_keys";
        await host.run(`cp ${keys} /root/keys; sed -i 's/^/command="echo only this" /' ${keys}`);
        await expect(probe({}, { user: "root" })).rejects.toThrow(/^VF176 .*only this/);
        await host.run(`cp /root/keys ${keys}`);
    });
});
