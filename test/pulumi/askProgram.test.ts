import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "ask-program-"));
const directory = join(folder, "program");
const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "ask",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
};

beforeAll(() => {
    mkdirSync(join(folder, "state"));
    cpSync(join(repository, "examples/web-server"), directory, { recursive: true });
    rmSync(join(directory, "node_modules"), { recursive: true, force: true });
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(join(repository, "node_modules/@pulumi"), join(directory, "node_modules/@pulumi"));
    symlinkSync(repository, join(directory, "node_modules/pulumi-vps-firewall"));
    pulumi("stack", "init", "dev");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pulumi(...args: string[]): void {
    execFileSync("pulumi", ["--non-interactive", ...args], { cwd: directory, env, stdio: "pipe" });
}

/** As a user types it. */
function ask(...words: string[]): { readonly code: number; readonly text: string } {
    const command = [join(repository, "dist/cli/main.js"), "ask", "--program", directory, ...words];
    try {
        return { code: 0, text: execFileSync(process.execPath, command, { env, encoding: "utf8", stdio: "pipe" }) };
    } catch (error) {
        const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
        return { code: status, text: stdout + stderr };
    }
}

test("a program is asked by its preview, and what is wrong with it is said", () => {
    const failed = ask("tcp", "from", "203.0.113.5", "to", "443");
    expect(failed.code).toBe(2);
    expect(failed.text).toMatch(
        /^pulumi preview failed:\nerror: Missing required configuration variable 'web-server:admin'/,
    );

    pulumi("config", "set", "admin", "198.51.100.7");
    pulumi("config", "set", "address", "192.0.2.10");
    expect(ask("tcp", "from", "203.0.113.5", "to", "443")).toEqual({
        code: 0,
        text: [
            "accepted: in tcp 203.0.113.5 -> 192.0.2.10 port 443 at web-1, by web/web",
            "  base: no rule matches",
            "  web: web/web",
            "This is the host's answer: a filter in the hoster's network is not asked.",
            "",
        ].join("\n"),
    });
    expect(ask("tcp", "from", "203.0.113.5", "to", "22").code).toBe(1);
}, 300_000);

test("report reads the preview in both of its forms", () => {
    pulumi("config", "set", "admin", "198.51.100.7");
    pulumi("config", "set", "address", "192.0.2.10");
    const report = (preview: string) => {
        const command = [join(repository, "dist/cli/main.js"), "report", "--format", "json"];
        return JSON.parse(execFileSync(process.execPath, command, { input: preview, encoding: "utf8" })) as unknown;
    };
    const preview = (streaming: boolean) =>
        execFileSync("pulumi", ["--non-interactive", "preview", "--json"], {
            cwd: directory,
            env: { ...env, ...(streaming && { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" }) },
            encoding: "utf8",
        });
    const one = report(preview(false));
    expect(one).toMatchObject({
        headline: "Takes control of 1 server: everything not listed closes.",
        takesControl: ["web-1"],
        errors: [],
    });
    const stream = preview(true);
    expect(stream.trim().split("\n").length).toBeGreaterThan(3);
    expect(report(stream)).toEqual(one);
    const command = [join(repository, "dist/cli/main.js"), "report", "--program", directory, "--stack", "dev"];
    expect(execFileSync(process.execPath, command, { env, encoding: "utf8" })).toContain("Takes control of 1 server");
}, 300_000);
