import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Target } from "../../../targets/ssh";
import type { SshServer } from "./sshServer";
import {
    describeSshd,
    failure,
    freePort,
    makeKey,
    openerFor,
    rootPassword,
    startAgent,
    startSshServer,
} from "./sshServer";

const limits = { timeoutMs: 10_000, maxOutput: 10_000 };

/** A bastion, a second one and a host behind them; each a real sshd with keys of its own. */
describeSshd("a host behind jump hosts", () => {
    let bastion: SshServer;
    let second: SshServer;
    let host: SshServer;
    /** To the host, by its pinned key, with the home of the host's server. */
    const open = openerFor(() => host);

    beforeAll(async () => {
        [bastion, second, host] = await Promise.all([
            startSshServer({ rootPassword: true }),
            startSshServer(),
            startSshServer(),
        ]);
    });
    afterAll(() => Promise.all([bastion, second, host].map((server) => server?.stop())));
    afterEach(() => {
        host.write("config", "");
        host.write("known_hosts", "");
    });

    const through = (server: SshServer, changes = {}): Pick<Target, "proxy"> => ({
        proxy: { host: "127.0.0.1", port: server.port, hostKey: server.hostKeys.ed25519, ...changes },
    });
    const keys = (server: SshServer) => ({ privateKey: host.privateKey, proxy: { privateKey: server.privateKey } });

    test("is reached through one, with credentials and a host key of its own", async () => {
        const session = await open(through(bastion), keys(bastion));
        const { stdout } = await session.run('echo "$SSH_CONNECTION"', "", limits);
        // The bastion's port, not ours.
        expect(stdout).toMatch(
            new RegExp(`^127\\.0\\.0\\.1 (?!${session.clientPort} )\\d+ 127\\.0\\.0\\.1 ${host.port}\n$`),
        );
        expect(session.hostKey).toBe(host.hostKeys.ed25519);
        expect(session.acceptedProxyKeys).toEqual({});
        session.close();
        await expect(session.run("true", "", limits)).rejects.toMatchObject({ code: "VF150" });
    });

    test("a bastion without credentials of its own gets the key for the host, never its password", async () => {
        const trusting = await startSshServer({ config: [`AuthorizedKeysFile ${host.keyFile}.pub`] });
        try {
            const session = await open(through(trusting), { privateKey: host.privateKey });
            session.close();
            const error = await failure(open(through(bastion), { password: rootPassword }));
            expect(error.code).toBe("VF142");
            expect(error.message).toContain("the jump host 127.0.0.1 port");
            const withPassword = await open(through(bastion), {
                privateKey: host.privateKey,
                proxy: { password: rootPassword },
            });
            withPassword.close();
        } finally {
            await trusting.stop();
        }
    });

    test("the agent logs in to both", async () => {
        const env = { SSH_AUTH_SOCK: join(host.home, "agent") };
        const agent = await startAgent(env.SSH_AUTH_SOCK, [bastion.keyFile, host.keyFile]);
        try {
            (await open(through(bastion), {}, { env })).close();
            const named = { proxy: { agentSocketPath: env.SSH_AUTH_SOCK } };
            (await open(through(bastion), { privateKey: host.privateKey, ...named })).close();
        } finally {
            await agent.stop();
        }
    });

    test("an attempt through one is given up when it is no longer wanted", async () => {
        // Something that accepts and says nothing.
        const mute = createServer().listen(0, "127.0.0.1");
        await once(mute, "listening");
        const { port } = mute.address() as AddressInfo;
        const signal = AbortSignal.timeout(500);
        const error = await failure(open({ ...through(bastion), port }, keys(bastion), {}, { signal }));
        mute.close();
        expect(error).toMatchObject({ code: "VF155" });
    });

    test("ProxyJump of ssh_config leads through several, each with its own section", async () => {
        makeKey(join(host.home, "unused"), "ed25519");
        const section = (name: string, server: SshServer) =>
            `Host ${name}\n HostName 127.0.0.1\n Port ${server.port}\n User root\n IdentityFile ${server.keyFile}\n`;
        host.write(
            "config",
            `${section("one", bastion)}${section("two", second)}Host target\n HostName 127.0.0.1\n ProxyJump one,two\n`,
        );
        const known = [bastion, second].map(({ port, hostKeys }) => `[127.0.0.1]:${port} ${hostKeys.ed25519}\n`);
        host.write("known_hosts", known.join(""));
        const env = { env: { VPS_FIREWALL_PRIVATE_KEY: "" } };
        host.write("config", `${readFileSync(join(host.home, ".ssh/config"), "utf8")} IdentityFile ${host.keyFile}\n`);
        const session = await open({ host: "target" }, {}, env);
        expect((await session.run("echo here", "", limits)).stdout).toBe("here\n");
        session.close();
        // The first one's own ProxyJump, as ssh does it.
        host.write(
            "config",
            `${section("one", bastion)}${section("two", second)} ProxyJump one\nHost target\n HostName 127.0.0.1\n ProxyJump two\n IdentityFile ${host.keyFile}\n`,
        );
        (await open({ host: "target" }, {}, env)).close();
        host.write(
            "config",
            `${section("one", bastion)} ProxyJump two\n${section("two", second)} ProxyJump one\nHost target\n HostName 127.0.0.1\n ProxyJump two\n`,
        );
        expect((await failure(open({ host: "target" }, {}, env))).code).toBe("VF149");
    });

    test("accept-new pins the key of the bastion too, and a changed one is refused", async () => {
        const target = { ...through(bastion, { hostKey: undefined }), hostKeyChecking: "accept-new" } as const;
        const session = await open({ ...target, hostKey: undefined }, keys(bastion));
        session.close();
        expect(session.hostKeyTrust).toBe("accepted-new");
        expect(session.acceptedProxyKeys).toEqual({ [`[127.0.0.1]:${bastion.port}`]: bastion.hostKeys.ed25519 });

        const strict = { ...target, hostKeyChecking: "strict" } as const;
        const unknown = await failure(open(strict, keys(bastion)));
        expect(unknown.code).toBe("VF144");
        expect(unknown.message).toContain("the jump host 127.0.0.1 port");
        expect(unknown.message).toContain("connection.proxy.hostKey");
        (await open(strict, keys(bastion), {}, { pinnedProxyKeys: session.acceptedProxyKeys })).close();
        const pins = { [`[127.0.0.1]:${bastion.port}`]: second.hostKeys.ed25519 };
        const changed = await failure(open(strict, keys(bastion), {}, { pinnedProxyKeys: pins }));
        expect(changed.code).toBe("VF145");
    });

    test("a host key that is not known behind a bastion is looked up from there", async () => {
        const error = await failure(open({ ...through(bastion), hostKey: undefined }, keys(bastion)));
        expect(error.code).toBe("VF144");
        expect(error.message).toContain(
            `"ssh -p ${bastion.port} root@127.0.0.1 ssh-keyscan -p ${host.port} 127.0.0.1 >>`,
        );
    });

    test("errors say which of them failed", async () => {
        const refused = await failure(open(through(bastion), { privateKey: host.privateKey }));
        expect(refused.code).toBe("VF141");
        expect(refused.message).toMatch(
            /the jump host 127\.0\.0\.1 port \d+ \(on the way to 127\.0\.0\.1 port \d+\) did not let root/,
        );
        const behind = await failure(open(through(bastion), { privateKey: bastion.privateKey }));
        expect(behind.message).toMatch(/^VF141 127\.0\.0\.1 port \d+ did not let root/);

        const port = await freePort();
        const noBastion = await failure(open(through(bastion, { port, dialErrorLimit: 0 }), keys(bastion)));
        expect(noBastion.code).toBe("VF140");
        expect(noBastion.message).toContain(`the jump host 127.0.0.1 port ${port}`);
        const noHost = await failure(open({ ...through(bastion), port }, keys(bastion)));
        expect(noHost.code).toBe("VF140");
        expect(noHost.message).toMatch(
            new RegExp(
                `^VF140 127\\.0\\.0\\.1 port ${port} could not be reached: connection refused, says the jump host`,
            ),
        );
    });

    test("a bastion that forwards nothing is named (VF157), one that dies loses the session (VF150)", async () => {
        const closed = await startSshServer({ config: ["AllowTcpForwarding no"] });
        const error = await failure(open(through(closed), keys(closed)));
        expect(error.code).toBe("VF157");
        expect(error.message).toContain(`the jump host 127.0.0.1 port ${closed.port}`);
        await closed.stop();

        const doomed = await startSshServer();
        const session = await open(through(doomed), keys(doomed));
        const run = session.run("sleep 30", "", limits);
        const killed = session.run("true", "", limits).then(() => doomed.killSessions());
        await expect(run).rejects.toThrow(new RegExp(`^VF150 .*: the jump host 127\\.0\\.0\\.1 port ${doomed.port} `));
        await killed;
        await doomed.stop();
    });
});
