import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials, Surroundings, Target } from "../../../targets/ssh";
import type { SshServer } from "./sshServer";
import { describeSshd, failure, makeKey, openerFor, rootPassword, startAgent, startSshServer } from "./sshServer";

describeSshd("credentials for a real sshd", () => {
    let server: SshServer;
    const open = openerFor(() => server);

    beforeAll(async () => {
        server = await startSshServer({ rootPassword: true });
    });
    afterAll(async () => {
        await server.stop();
    });
    afterEach(() => {
        server.write("config", "");
        server.write("known_hosts", "");
    });

    const works = async (credentials: Credentials, around: Partial<Surroundings>, target: Partial<Target> = {}) => {
        const session = await open(target, credentials, around);
        session.close();
    };
    let otherKey: string;
    let encryptedFile: string;
    beforeAll(() => {
        makeKey(join(server.home, "other"), "ed25519");
        otherKey = readFileSync(join(server.home, "other"), "utf8");
        encryptedFile = join(server.home, "encrypted");
        execFileSync("cp", [server.keyFile, encryptedFile]);
        execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "open sesame", "-f", encryptedFile]);
    });

    test("configuration before environment before input", async () => {
        const good = server.privateKey;
        const env = (key: string) => ({ env: { VPS_FIREWALL_PRIVATE_KEY: key } });
        await works({ privateKey: otherKey }, { config: { privateKey: good }, ...env(otherKey) });
        await works({ privateKey: otherKey }, env(good));
        await works({ privateKey: good }, env(""));
        expect((await failure(open({}, { privateKey: good }, { config: { privateKey: otherKey } }))).code).toBe(
            "VF141",
        );
        expect((await failure(open({}, { privateKey: good }, env(otherKey)))).code).toBe("VF141");
    });

    test("IdentityFile of ssh_config, with tokens and a home", async () => {
        server.write("id", server.privateKey);
        server.write("config", "Host 127.*\n  IdentityFile ~/.ssh/missing\n  IdentityFile=%d/.ssh/id\n");
        await works({}, {});
    });

    test("the agent that SSH_AUTH_SOCK, ssh_config or the input names", async () => {
        const socket = join(server.home, "agent");
        const agent = await startAgent(socket, [join(server.home, "other"), server.keyFile]);
        try {
            await works({}, { env: { SSH_AUTH_SOCK: socket } });
            await works({ agentSocketPath: socket }, {});
            server.write("config", `IdentityAgent "${socket}"\n`);
            await works({}, { env: { SSH_AUTH_SOCK: "/nonexistent" } });
            // A public key picks one of the agent's, as password managers have it.
            server.write("config", `IdentitiesOnly yes\nIdentityFile ${server.keyFile}.pub\n`);
            await works({}, { env: { SSH_AUTH_SOCK: socket } });
            server.write("config", `IdentitiesOnly yes\nIdentityFile ${join(server.home, "other.pub")}\n`);
            expect((await failure(open({}, {}, { env: { SSH_AUTH_SOCK: socket } }))).code).toBe("VF141");
            // ssh leaves a file that it can't open to the agent.
            execFileSync("cp", [`${server.keyFile}.pub`, `${encryptedFile}.pub`]);
            server.write("config", `IdentitiesOnly yes\nIdentityFile ${encryptedFile}\n`);
            await works({}, { env: { SSH_AUTH_SOCK: socket } });
        } finally {
            await agent.stop();
        }
    });

    test("an encrypted key with its password, from any source", async () => {
        const privateKey = readFileSync(encryptedFile, "utf8");
        await works({ privateKey, privateKeyPassword: "open sesame" }, {});
        await works({ privateKey }, { config: { privateKeyPassword: "open sesame" } });
        await works(
            {},
            { env: { VPS_FIREWALL_PRIVATE_KEY: privateKey, VPS_FIREWALL_PRIVATE_KEY_PASSWORD: "open sesame" } },
        );
        server.write("config", `IdentityFile ${encryptedFile}\n`);
        await works({}, { config: { privateKeyPassword: "open sesame" } });
    });

    test("keys of each type and form", async () => {
        const kinds = [
            ["-t", "ecdsa", "-b", "256"],
            ["-t", "ecdsa", "-b", "521", "-m", "PEM"],
            ["-t", "rsa", "-b", "2048"],
            ["-t", "rsa", "-b", "2048", "-m", "PEM"],
        ];
        for (const [index, kind] of kinds.entries()) {
            const file = join(server.home, `kind${index}`);
            execFileSync("ssh-keygen", ["-q", ...kind, "-N", "", "-f", file]);
            appendFileSync(`${server.keyFile}.pub`, readFileSync(`${file}.pub`));
            await works({ privateKey: readFileSync(file, "utf8") }, {});
        }
        const file = join(server.home, "pkcs8");
        execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "", "-f", file]);
        const error = await failure(open({}, { privateKey: readFileSync(file, "utf8") }));
        expect(error).toMatchObject({ code: "VF143", message: expect.stringContaining("PKCS#8") as string });
    });

    test("an agent with more keys than the server lets one try: what the server says", async () => {
        const files = Array.from({ length: 7 }, (_, index) => join(server.home, `many${index}`));
        files.forEach((file) => makeKey(file, "ed25519"));
        const agent = await startAgent(join(server.home, "full"), [...files, server.keyFile]);
        try {
            const env = { SSH_AUTH_SOCK: join(server.home, "full") };
            const error = await failure(open({}, {}, { env }));
            expect(error).toMatchObject({ code: "VF141", message: expect.stringContaining("Too many") as string });
            // Naming the key leads past the others.
            const [first = ""] = readFileSync(`${server.keyFile}.pub`, "utf8").split("\n");
            server.write("config", `IdentityFile ${server.write("named.pub", first)}\n`);
            await works({}, { env });
        } finally {
            await agent.stop();
        }
    });

    test("a key that lost its line ends on the way", async () => {
        await works({ privateKey: server.privateKey.trimEnd().replace(/\n/g, "\r\n") }, {});
    });

    test("a password, alone or after a key that was refused", async () => {
        await works({ password: rootPassword }, {});
        await works({ privateKey: otherKey, password: rootPassword }, {});
        await works({ password: "wrong" }, { config: { password: rootPassword } });
        const error = await failure(open({}, { password: "wrong-secret" }));
        expect(error.code).toBe("VF141");
        expect(error.message).toContain("the password from connection");
        expectNoSecret(error.message, ["wrong-secret"]);
    });

    test("and says what is wrong with a key without showing it", async () => {
        const privateKey = readFileSync(encryptedFile, "utf8");
        const cases: [Credentials, RegExp][] = [
            [{ privateKey }, /encrypted and there is no password/],
            [{ privateKey, privateKeyPassword: "wrong-secret" }, /password does not open it/],
            [{ privateKey: server.hostKeys.rsa }, /public key/],
            [{ privateKey: "~/.ssh/id_ed25519" }, /looks like a path/],
            [{ privateKey: server.privateKey.slice(0, 200) }, /not a complete private key/],
            [{ privateKey: "hunter2hunter2" }, /not a complete private key/],
        ];
        for (const [credentials, reason] of cases) {
            const error = await failure(open({}, credentials));
            expect(error.code).toBe("VF143");
            expect(error.message).toMatch(reason);
            expectNoSecret(error.message, [credentials.privateKey ?? "", "wrong-secret"]);
        }
    });

    test("nothing at all is an error of its own that says what was looked at", async () => {
        expect((await failure(open())).code).toBe("VF142");
        server.write("config", `IdentityFile ${encryptedFile}\n`);
        const error = await failure(open({}, {}, { env: { SSH_AUTH_SOCK: "/nonexistent" } }));
        expect(error.code).toBe("VF142");
        expect(error.message).toContain(`${encryptedFile}: it is encrypted`);
        expect(error.message).toContain("no socket /nonexistent");
    });

    test("a wrong key and a wrong user are refused, at once, naming user and source, not the key", async () => {
        const started = performance.now();
        const wrongKey = await failure(open({ dialErrorLimit: -1 }, { privateKey: otherKey, password: "hunter2" }));
        expect(wrongKey.code).toBe("VF141");
        expect(wrongKey.message).toContain("let root log in");
        expect(wrongKey.message).toMatch(/the private key from connection \(SHA256:/);
        expect(wrongKey.message).toMatch(/the password from connection/);
        expectNoSecret(wrongKey.message, [otherKey, "hunter2"]);
        const wrongUser = await failure(open({ user: "nosuchuser" }, { privateKey: server.privateKey }));
        expect(wrongUser.code).toBe("VF141");
        expect(wrongUser.message).toContain("nosuchuser");
        expect(performance.now() - started).toBeLessThan(8000);
    });
});

/** No eight characters in a row of any secret, but for what every key has in common. */
function expectNoSecret(message: string, secrets: readonly string[]): void {
    for (const secret of secrets) {
        const parts = secret
            .split(/\s+/)
            .filter((part) => part.length >= 6 && !/^(-|~|ssh-|OPENSSH|PRIVATE|AAAA)/.test(part));
        for (const part of parts)
            for (let i = 0; i + 8 <= Math.max(part.length, 8); i++) expect(message).not.toContain(part.slice(i, i + 8));
    }
}
