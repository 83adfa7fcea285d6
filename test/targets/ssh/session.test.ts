import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Session } from "../../../targets/ssh";
import type { SshServer } from "./sshServer";
import { describeSshd, openerFor, startSshServer } from "./sshServer";

const limits = { timeoutMs: 10_000, maxOutput: 1_000_000 };

describeSshd("a session with a real sshd", () => {
    let server: SshServer;
    const open = openerFor(() => server);

    beforeAll(async () => {
        server = await startSshServer();
    });
    afterAll(async () => {
        await server.stop();
    });

    describe("runs commands", () => {
        let session: Session;
        beforeAll(async () => {
            session = await open({}, { privateKey: server.privateKey });
        });
        afterAll(() => session.close());

        test("with input, output, errors and status", async () => {
            const result = await session.run("cat; echo to stderr >&2; exit 3", "päckchen\n", limits);
            expect(result).toEqual({ code: 3, stdout: "päckchen\n", stderr: "to stderr\n" });
        });

        test("and knows both ends of the connection as the host sees them", async () => {
            const { stdout } = await session.run('echo "$SSH_CONNECTION"', "", limits);
            expect(stdout.trim()).toBe(`127.0.0.1 ${session.clientPort} 127.0.0.1 ${server.port}`);
            expect(session.clientAddress).toBe("127.0.0.1");
            expect(session.hostKey).toBe(server.hostKeys.ed25519);
            expect(session.hostKeyTrust).toBe("pinned");
            expect(session.warnings).toEqual([]);
        });

        test("several at once, with a megabyte in and out", async () => {
            const input = Buffer.alloc(1_000_000, "0123456789abcdef");
            const sizes = await Promise.all(
                [1, 2, 3].map(() => session.run("cat", input, { ...limits, maxOutput: 1_000_001 })),
            );
            for (const { stdout } of sizes) expect(stdout === input.toString()).toBe(true);
        });

        test("shows lines as they come, made printable", async () => {
            const lines: string[] = [];
            const seen: number[] = [];
            await session.run("printf 'one\\n\\033[31mtwo\\r\\n'; sleep 0.4; echo three >&2; printf last", "", {
                ...limits,
                onLine: (line, stream) => {
                    lines.push(`${stream} ${line}`);
                    seen.push(performance.now());
                },
            });
            expect(lines).toEqual(["stdout one", "stdout \\u001b[31mtwo", "stderr three", "stdout last"]);
            expect((seen[2] ?? 0) - (seen[0] ?? 0)).toBeGreaterThan(200);
        });

        test("a command that takes too long is cut off, and the session goes on", async () => {
            const started = performance.now();
            const run = session.run("cat; exec sleep 5", "", { ...limits, timeoutMs: 500 });
            await expect(run).rejects.toMatchObject({ code: "VF151" });
            expect(performance.now() - started).toBeLessThan(2000);
            expect((await session.run("echo fine", "", limits)).stdout).toBe("fine\n");
        });

        test("a command that writes too much is stopped", async () => {
            await expect(session.run("yes", "", { ...limits, maxOutput: 10_000 })).rejects.toMatchObject({
                code: "VF152",
            });
            expect((await session.run("echo fine", "", limits)).stdout).toBe("fine\n");
        });

        test("one that a signal ended has the status a shell would say", async () => {
            expect((await session.run("kill -TERM $$", "", limits)).code).toBe(143);
        });

        test("one that doesn't read its input", async () => {
            const result = await session.run("exec <&-; echo done", Buffer.alloc(3_000_000), limits);
            expect(result).toMatchObject({ code: 0, stdout: "done\n" });
        });
    });

    describe("ends", () => {
        test("when it is closed: a run under way and a later one fail", async () => {
            const session = await open({}, { privateKey: server.privateKey });
            const run = session.run("sleep 30", "", limits);
            setTimeout(() => session.close(), 100);
            await expect(run).rejects.toMatchObject({ code: "VF150" });
            await expect(session.run("true", "", limits)).rejects.toMatchObject({ code: "VF150" });
            session.close();
        });

        test("when the server's process dies", async () => {
            const session = await open({}, { privateKey: server.privateKey });
            const run = session.run("sleep 0.1; kill -9 $PPID; sleep 30", "", limits);
            await expect(run).rejects.toMatchObject({ code: "VF150" });
        });

        test("when the host stops answering: noticed after 20 s", async () => {
            const began = performance.now();
            const session = await open({}, { privateKey: server.privateKey });
            const pids: number[] = [];
            const run = session.run("echo $PPID; sleep 0.3; kill -STOP $PPID", "", {
                timeoutMs: 60_000,
                maxOutput: 100,
                onLine: (pid) => pids.push(Number(pid)),
            });
            const lost = { code: "VF150", message: expect.stringContaining("no longer answers") as string };
            await expect(run).rejects.toMatchObject(lost);
            // Not before: a link may stall for 10 s.
            expect(performance.now() - began).toBeGreaterThan(18_000);
            expect(pids).toHaveLength(1);
            for (const pid of pids) process.kill(pid, "SIGKILL");
        });

        test("leaving nothing that keeps a process from ending", () => {
            const script = join(__dirname, "runOnce.mjs");
            const output = execFileSync(process.execPath, [script, String(server.port), server.keyFile], {
                encoding: "utf8",
                timeout: 20_000,
            });
            const [said, closedAt] = output.trim().split(" ");
            expect(said).toBe("ran");
            expect(Date.now() - Number(closedAt)).toBeLessThan(2000);
        });
    });
});
