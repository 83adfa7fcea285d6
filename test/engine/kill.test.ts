import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { RunnerInput } from "../../engine/runner";
import { openStack } from "../../engine/stack";
import type { StackOptions } from "../../engine/stack";
import { openWorkspace } from "./support/workspace";
import type { Workspace } from "./support/workspace";

// An engine that is killed in the middle leaves a state that the next one can go on from.

const rule = "accept tcp from anywhere to port 22";

async function until(done: () => boolean): Promise<void> {
    for (const end = Date.now() + 60_000; !done(); await delay(20)) {
        if (Date.now() > end) {
            throw new Error("waited in vain");
        }
    }
}

function startRunner(input: RunnerInput): ChildProcess {
    return spawn(process.execPath, [join(__dirname, "support/runner.cjs"), JSON.stringify(input)], { stdio: "ignore" });
}

const isAlive = (pid: number): boolean => {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
};

describe("an engine killed while a provider works", () => {
    let workspace: Workspace;
    let options: StackOptions;

    beforeEach(() => {
        workspace = openWorkspace();
        options = {
            projectDir: workspace.directory,
            stack: "dev",
            stateDir: join(workspace.directory, ".state"),
            passphrase: "p",
        };
        workspace.write({ templates: { web: { ssh: rule } }, hosts: { a: { templates: ["web"] } } });
    });
    afterEach(() => workspace.remove());

    test("names what it was doing, ends its provider, and the next up goes through", async () => {
        const host = join(workspace.directory, "a.json");
        writeFileSync(host, JSON.stringify({ hang: true }));
        const runner = startRunner({ stack: options, run: "up" });
        const waiting = `${host}.waiting`;
        await until(() => existsSync(waiting));
        const provider = Number(readFileSync(waiting, "utf8"));
        runner.kill("SIGKILL");
        await until(() => !isAlive(provider));

        const stack = openStack(options);
        const pending = stack.state().pendingOperations;
        expect(pending.map(({ type, resource }) => [type, resource.type])).toEqual([
            ["creating", "pulumi-nodejs:dynamic/fixture:Ruleset"],
        ]);
        // The components before it are there already: every step is written when it is done.
        expect(stack.state().resources.map(({ type }) => type)).toContain("fixture:index:Host");

        writeFileSync(host, "{}");
        const next = await stack.up();
        expect(next.ok).toBe(true);
        expect(next.diagnostics.find(({ severity }) => severity === "warning")?.message).toContain(
            "interrupted while creating",
        );
        const refreshed = await stack.refresh();
        expect(refreshed.state.pendingOperations).toEqual([]);
        expect(refreshed.json.changeSummary).toEqual({ same: 5 });
    });
});
