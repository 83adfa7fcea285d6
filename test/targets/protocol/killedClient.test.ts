import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { describeBare, startBareHost, type BareHost } from "./bareHost";
import { apply, mustBe, openPort, probe, staged, until } from "./kit";

/** Real client processes, killed with SIGKILL. */
describeBare("a client that is killed", () => {
    let host: BareHost;
    beforeEach(async () => {
        host = await startBareHost();
        mustBe(await apply(host, 80), "confirmed");
    });
    afterEach(() => host.stop());

    /** Runs a client that opens port 81 and kills it at a stage, or after so many milliseconds. */
    async function killAt(moment: string | number): Promise<void> {
        const stage = typeof moment === "string" ? moment : "never";
        // The window must suffice for a client that gets as far as confirming, on a busy machine too.
        const seconds = stage === "confirmed" ? 20 : 2;
        const file = join(__dirname, "clientProcess.mjs");
        const client = spawn(process.execPath, [file, String(host.pid), "81", String(seconds), stage], {
            stdio: ["ignore", "pipe", "inherit"],
        });
        const exit = once(client, "exit");
        for await (const line of createInterface({ input: client.stdout })) {
            if (line === "started" && typeof moment === "number") setTimeout(() => client.kill("SIGKILL"), moment);
            if (line === stage) client.kill("SIGKILL");
        }
        await exit;
    }

    const settled = () => until(() => host.sh(staged) === "" && !host.sh("ls /run/vps-firewall").includes("pending"));

    test.each([
        ["probed", 80],
        ["loaded", 80],
        ["connected", 80],
        ["confirmed", 81],
    ])("at the stage %s leaves the ruleset that opens %d", async (stage, port) => {
        await killAt(stage);
        await settled();
        expect(openPort(host)).toBe(port);
        expect((await probe(host)).confirmed?.manifest).toEqual({ port });
        // The next one works as ever.
        mustBe(await apply(host, 82), "confirmed");
    });

    test("at any moment leaves the old or the confirmed ruleset, whole", async () => {
        for (let moment = 0; moment <= 700; moment += 70 + Math.floor(Math.random() * 30)) {
            await killAt(moment);
            // What the client had sent may still be running.
            await new Promise((resolve) => setTimeout(resolve, 500));
            await settled();
            const found = await probe(host);
            const context = { killedAfterMs: moment, port: openPort(host), manifest: found.confirmed?.manifest };
            expect([80, 81]).toContain(context.port);
            expect(context).toEqual({ ...context, manifest: { port: context.port } });
            expect(found.mark?.applyId).toBe(found.confirmed?.applyId);
            if (context.port === 81) mustBe(await apply(host, 80), "confirmed");
        }
    }, 180_000);
});
