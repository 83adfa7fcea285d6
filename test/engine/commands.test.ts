import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandProvider } from "../../engine/commandStandIn";
import type { Diagnostic } from "../../engine/events";
import { openStack } from "../../engine/stack";
import type { Stack } from "../../engine/stack";
import type { Properties } from "../../engine/values";
import { describeLab, openLab } from "../lab";
import type { Lab, LabHost } from "../lab";
import { openWorkspace } from "./support/workspace";
import type { Workspace } from "./support/workspace";

// The stand-in for the plugin of @pulumi/command: the same inputs, outputs and order of commands.

describe("command:local:Command in a program", () => {
    let workspace: Workspace;
    let stack: Stack;
    let log: string;

    beforeAll(() => {
        workspace = openWorkspace();
        const { directory } = workspace;
        log = join(directory, "log");
        stack = openStack({
            projectDir: directory,
            stack: "dev",
            stateDir: join(directory, ".state"),
            passphrase: "p",
        });
    });
    afterAll(() => workspace.remove());

    const program = (args: object): void =>
        writeFileSync(
            join(workspace.directory, "index.js"),
            `const { local } = require("@pulumi/command");
             const command = new local.Command("c", ${JSON.stringify(args)});
             exports.stdout = command.stdout;`,
        );
    const ran = (): string[] => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
    const outputs = (result: Awaited<ReturnType<Stack["up"]>>): Properties =>
        result.state.resources.find(({ type }) => type === "command:local:Command")?.outputs ?? {};

    test("create, update, triggers and delete each run their command once", async () => {
        const args = {
            create: `echo create >> ${log}; cat; echo problem >&2`,
            update: `echo update $WHO after $PULUMI_COMMAND_STDOUT >> ${log}; echo updated`,
            delete: `echo delete >> ${log}`,
            stdin: "from stdin",
            triggers: [1],
        };
        program(args);
        expect((await stack.preview()).ok).toBe(true);
        expect(ran()).toEqual([]);

        const heard: Diagnostic[] = [];
        const created = await stack.up({ onMessage: (message) => heard.push(message) });
        expect(created.text).not.toContain("error");
        expect(outputs(created)).toMatchObject({ stdout: "from stdin", stderr: "problem" });
        expect(heard.map(({ message }) => message)).toEqual(expect.arrayContaining(["from stdin", "problem"]));
        expect((await stack.up()).json.changeSummary).toEqual({ same: 2 });

        program({ ...args, environment: { WHO: "me" }, logging: "none" });
        heard.length = 0;
        const updated = await stack.up({ onMessage: (message) => heard.push(message) });
        expect(outputs(updated)).toMatchObject({ stdout: "updated", stderr: "" });
        expect(heard).toEqual([]);

        program({ ...args, environment: { WHO: "me" }, logging: "none", triggers: [2] });
        const preview = await stack.preview();
        expect(preview.steps.find(({ op }) => op === "replace")?.replaceReasons).toEqual(["triggers"]);
        expect((await stack.up()).ok).toBe(true);
        expect((await stack.destroy()).ok).toBe(true);
        expect(ran()).toEqual(["create", "update me after from stdin", "create", "delete", "delete"]);
    });

    test("a command that fails says what it wrote, and nothing is recorded", async () => {
        program({ create: "echo half way; echo went wrong >&2; exit 3" });
        const { ok, diagnostics, state } = await stack.up();
        expect(ok).toBe(false);
        const message = diagnostics.find(({ severity }) => severity === "error")?.message ?? "";
        expect(message).toMatch(
            /^exit status 3: running "echo half way.*\n(half way\nwent wrong|went wrong\nhalf way)\n$/,
        );
        expect(state.resources.map(({ custom }) => custom)).toEqual([false]);
    });
});

describeLab("command:remote:Command", () => {
    let lab: Lab;
    let host: LabHost;
    let folder: string;
    const said: Diagnostic[] = [];
    const provider = commandProvider("command:remote:Command", (diagnostic) => said.push(diagnostic));
    const urn = "urn:pulumi:dev::p::command:remote:Command::c";

    beforeAll(async () => {
        lab = await openLab();
        host = await lab.addHost("target");
        folder = mkdtempSync(join(tmpdir(), "engine-command-"));
    });
    afterAll(async () => {
        await lab.close();
        rmSync(folder, { recursive: true });
    });

    const connection = (more: Properties = {}): Properties => ({
        host: host.ipv4,
        user: "root",
        privateKey: host.privateKey,
        dialErrorLimit: 0,
        ...more,
    });

    test("runs over SSH with the pinned key of any kind", async () => {
        for (const hostKey of host.hostKeys) {
            const { outputs } = await provider.create(urn, {
                connection: connection({ hostKey }),
                create: "cat; echo to stderr >&2",
                stdin: "hello\n",
            });
            expect(outputs).toMatchObject({ stdout: "hello", stderr: "to stderr" });
        }
    });

    test("refuses a host that shows another key", async () => {
        const [type = "", key = ""] = host.hostKey.split(" ");
        const other = Buffer.from(key, "base64");
        other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
        const hostKey = `${type} ${other.toString("base64")}`;
        const run = provider.create(urn, { connection: connection({ hostKey }), create: "touch /tmp/never" });
        await expect(run).rejects.toThrow(/after 0 failed attempts: .*(verification|denied|handshake)/i);
        expect((await host.run("ls /tmp/never")).code).not.toBe(0);
    });

    test("variables that the server does not take are an error, those of a previous run a warning", async () => {
        const run = provider.create(urn, {
            connection: connection(),
            create: "true",
            environment: { FORBIDDEN: "x" },
        });
        await expect(run).rejects.toThrow('could not set environment variable "FORBIDDEN"');
        said.length = 0;
        const old = { inputs: {}, outputs: { stdout: "before" } };
        const updated = await provider.update(urn, "id", old, { connection: connection(), create: "echo again" });
        expect(updated).toMatchObject({ stdout: "again" });
        expect(said.filter(({ severity }) => severity === "warning").map(({ message }) => message)).toEqual([
            expect.stringContaining("Unable to set 'PULUMI_COMMAND_STDOUT'"),
        ]);
    });

    test("a command that fails or is killed, and a host that is not there", async () => {
        const create = (command: string, more: Properties = {}): Promise<unknown> =>
            provider.create(urn, { connection: connection(more), create: command });
        await expect(create("echo so far; exit 4")).rejects.toThrow(
            'Process exited with status 4: running "echo so far; exit 4":\nso far\n',
        );
        await expect(create("kill -9 $$")).rejects.toThrow("Process exited with signal KILL");
        await expect(create("true", { port: 1 })).rejects.toThrow(/after 0 failed attempts: .*ECONNREFUSED/);
    });
});
