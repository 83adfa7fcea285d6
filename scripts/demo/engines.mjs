// The engine that runs the demo: `pulumi` where it is on PATH, else the embedded one. Both answer the same questions.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { findProgram, root } from "../setup.mjs";

/**
 * An engine for the program in `projectDir`: `{ name, preview, up, destroy }`, each of which runs one operation and
 * resolves to `{ ok, text }`.
 */
export async function openEngine({ projectDir, scratch, env, config }) {
    const program = findProgram("pulumi");
    return program === undefined
        ? embedded({ projectDir, scratch, env, config })
        : await real({ program, projectDir, scratch, env, config });
}

function embedded({ projectDir, scratch, env, config }) {
    const { openStack } = createRequire(import.meta.url)(join(root, "dist/engine/stack.js"));
    const options = { projectDir, stack: "demo", stateDir: join(scratch, "state"), passphrase: "demo", env };
    // Opened anew for each operation, as each is another run of the command.
    const run = (operation) => operation(openStack({ ...options, secretConfig: config }));
    return {
        name: "the embedded engine (pulumi is not on PATH)",
        preview: (how = {}) => run((stack) => stack.preview({ diff: true, ...how })),
        up: (how = {}) => run((stack) => stack.up(how)),
        destroy: () => run((stack) => stack.destroy()),
    };
}

async function real({ program, projectDir, scratch, env, config }) {
    const backend = join(scratch, "state");
    mkdirSync(backend);
    const environment = {
        ...env,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "demo",
        PULUMI_HOME: join(scratch, "pulumi"),
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
    };
    const run = (args) => execute(program, [...args, "--non-interactive", "--color", "never"], projectDir, environment);
    await run(["stack", "init", "demo"]);
    for (const [key, value] of Object.entries(config)) await setSecret(program, key, value, projectDir, environment);
    const refresh = (how) => (how.refresh ? ["--refresh"] : []);
    const { text } = await run(["version"]);
    return {
        name: `pulumi ${text.trim()}`,
        preview: (how = {}) => run(["preview", "--diff", "--stack", "demo", ...refresh(how)]),
        up: (how = {}) => run(["up", "--yes", "--skip-preview", "--stack", "demo", ...refresh(how)]),
        destroy: () => run(["destroy", "--yes", "--skip-preview", "--stack", "demo"]),
    };
}

function setSecret(program, key, value, cwd, env) {
    // Through standard input, so that it never stands in a list of processes.
    return execute(program, ["config", "set", "--secret", "--stack", "demo", key], cwd, env, value);
}

function execute(program, args, cwd, env, input = "") {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
        let text = "";
        child.stdout.on("data", (data) => (text += data));
        child.stderr.on("data", (data) => (text += data));
        child.on("error", reject);
        child.on("close", (code) => resolve({ ok: code === 0, text }));
        child.stdin.end(input);
    });
}
