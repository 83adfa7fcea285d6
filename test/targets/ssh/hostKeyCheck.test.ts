import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openSession } from "../../../targets/ssh";
import type { SshServer } from "./sshServer";
import { describeSshd, failure, makeKey, openerFor, startSshServer } from "./sshServer";

describeSshd("the host key of a real sshd", () => {
    let server: SshServer;
    const open = openerFor(() => server);

    beforeAll(async () => {
        server = await startSshServer();
    });
    afterAll(async () => {
        await server.stop();
    });
    afterEach(() => {
        server.write("config", "");
        server.write("known_hosts", "");
    });

    const good = () => ({ privateKey: server.privateKey });
    const entry = (key: string) => `[127.0.0.1]:${server.port} ${key}\n`;

    test.each(["ed25519", "ecdsa", "rsa"] as const)(
        "a pinned one of type %s, of a server that has all",
        async (type) => {
            const session = await open({ hostKey: server.hostKeys[type] }, good());
            expect(session.hostKey).toBe(server.hostKeys[type]);
            session.close();
        },
    );

    test.each(["ed25519", "ecdsa", "rsa"] as const)("one of type %s in known_hosts, plain and hashed", async (type) => {
        const file = server.write("known_hosts", entry(server.hostKeys[type]));
        for (const hashed of [false, true]) {
            if (hashed) execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
            const session = await open({ hostKey: undefined }, good());
            expect(session.hostKey).toBe(server.hostKeys[type]);
            expect(session.hostKeyTrust).toBe("known_hosts");
            session.close();
        }
        expect(readFileSync(file, "utf8")).toMatch(/^\|1\|/);
    });

    test("what ssh-keyscan prints, in the file that ssh_config names", async () => {
        const scanned = execFileSync("ssh-keyscan", ["-p", String(server.port), "127.0.0.1"], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        });
        server.write("elsewhere", scanned);
        server.write("config", "Host web\n HostName 127.0.0.1\n UserKnownHostsFile ~/.ssh/elsewhere\n");
        const session = await open({ host: "web", hostKey: undefined }, good());
        expect(session.hostKeyTrust).toBe("known_hosts");
        session.close();
    });

    test("unknown: an error with the fingerprint and the line, that works when it is followed", async () => {
        const error = await failure(open({ hostKey: undefined }, good()));
        expect(error.code).toBe("VF144");
        const listed = execFileSync("ssh-keygen", ["-l", "-f", join(server.home, "host_ed25519.pub")], {
            encoding: "utf8",
        });
        expect(error.message).toContain(listed.split(" ")[1]);
        expect(error.message).toContain(`ssh-keyscan -p ${server.port} 127.0.0.1 >> ${server.home}/.ssh/known_hosts`);
        const line = /this line to known_hosts: "([^"]+)"/.exec(error.message)?.[1] ?? "";
        server.write("known_hosts", `${line}\n`);
        (await open({ hostKey: undefined }, good())).close();
    });

    test("of a host named by its IPv6 address", async () => {
        server.write("known_hosts", `[::1]:${server.port} ${server.hostKeys.ed25519}\n`);
        const session = await open({ host: "::1", hostKey: undefined }, good());
        session.close();
        expect([session.hostKeyTrust, session.clientAddress]).toEqual(["known_hosts", "::1"]);
    });

    test("unknown, accept-new: accepted and returned for pinning", async () => {
        const session = await open({ hostKey: undefined, hostKeyChecking: "accept-new" }, good());
        session.close();
        expect(session.hostKeyTrust).toBe("accepted-new");
        (await open({ hostKey: session.hostKey }, good())).close();
    });

    test.each(["strict", "accept-new"] as const)("changed: an error of its own, %s", async (hostKeyChecking) => {
        makeKey(join(server.home, `old_${hostKeyChecking}`), "ed25519");
        const [type, key] = readFileSync(join(server.home, `old_${hostKeyChecking}.pub`), "utf8").split(" ");
        const old = `${type} ${key}`;
        const pinned = await failure(open({ hostKey: old, hostKeyChecking }, good()));
        expect(pinned.code).toBe("VF145");
        const known = server.write("known_hosts", entry(old));
        const changed = await failure(open({ hostKey: undefined, hostKeyChecking, dialErrorLimit: -1 }, good()));
        expect(changed.code).toBe("VF145");
        expect(changed.message).toContain("HAS CHANGED");
        expect(changed.message).toContain(`${known} line 1`);
    });

    test("revoked and known by an authority only: errors of their own", async () => {
        server.write("known_hosts", entry(server.hostKeys.ed25519) + `@revoked * ${server.hostKeys.ed25519}\n`);
        expect((await failure(open({ hostKey: undefined }, good()))).code).toBe("VF146");
        expect((await failure(open({ hostKeyChecking: "off" }, good()))).code).toBe("VF146");
        server.write("known_hosts", `@cert-authority * ${server.hostKeys.ed25519}\n`);
        expect((await failure(open({ hostKey: undefined, hostKeyChecking: "accept-new" }, good()))).code).toBe("VF147");
    });

    test("off: anything goes, with a warning", async () => {
        const session = await open({ hostKey: undefined, hostKeyChecking: "off" }, good());
        session.close();
        expect(session.hostKeyTrust).toBe("not checked");
        expect(session.warnings).toEqual([expect.stringMatching(/^VF156 .*SHA256:/)]);
    });

    test("StrictHostKeyChecking no of ssh_config is not taken over, accept-new is", async () => {
        server.write("config", "StrictHostKeyChecking no\n");
        const error = await failure(open({ hostKey: undefined }, good()));
        expect(error.code).toBe("VF144");
        expect(error.message).toContain("is not taken over");
        server.write("config", "StrictHostKeyChecking accept-new\n");
        (await open({ hostKey: undefined }, good())).close();
    });

    test("a server that no longer has the pinned type is named as changed", async () => {
        const rsaOnly = await startSshServer({ hostKeyTypes: ["rsa"] });
        try {
            const { port, privateKey } = rsaOnly;
            const target = { host: "127.0.0.1", port, hostKey: server.hostKeys.ed25519 };
            const error = await failure(openSession(target, { privateKey }, rsaOnly.surroundings()));
            expect(error.code).toBe("VF145");
        } finally {
            await rsaOnly.stop();
        }
    });
});
