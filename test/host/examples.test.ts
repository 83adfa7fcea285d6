import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStack, type Stack } from "../../engine/stack";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { rulesetsOf, untouched } from "./anyHosts";

const root = join(__dirname, "..", "..");

/** The configuration that an example's program asks for. */
const CONFIG: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    presets: {},
    quickstart: {},
    "web-server": { "web-server:admin": "192.0.2.200", "web-server:address": "192.0.2.10" },
};

// Several operations of seconds each.
jest.setTimeout(120_000);

describeLab("the examples", () => {
    let lab: Lab;
    let hosts: LabHost[];
    let folder: string;

    beforeAll(async () => {
        lab = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(
            ["192.0.2.10", "192.0.2.11"].map((ipv4, i) => lab.addHost(`web${i}`, { ipv4, ipv6: `2001:db8:5::1${i}` })),
        );
        await hosts[0]?.listen(443);
        folder = mkdtempSync(join(tmpdir(), "vpsfw-examples-"));
        mkdirSync(join(folder, ".ssh"));
        cpSync(lab.knownHostsFile, join(folder, ".ssh", "known_hosts"));
    });
    afterAll(async () => {
        await lab.close();
        rmSync(folder, { recursive: true, force: true });
    });

    /** The stack of a project as its user runs it: types are checked. */
    function stackOf(projectDir: string, config: Readonly<Record<string, string>>): Stack {
        const { SSH_AUTH_SOCK: _a, PULUMI_NODEJS_TRANSPILE_ONLY: _t, ...env } = process.env;
        return openStack({
            projectDir,
            stack: "dev",
            stateDir: join(folder, "state"),
            passphrase: "a passphrase for tests",
            config,
            secretConfig: { "vps-firewall:privateKey": readFileSync(lab.keyFile, "utf8") },
            env: { ...env, HOME: folder },
        });
    }

    const examples = readdirSync(join(root, "examples"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name);

    test.each(examples)("%s runs: preview, up, destroy", async (name) => {
        const stack = stackOf(join(root, "examples", name), CONFIG[name] ?? {});
        const preview = await stack.preview();
        expect(preview.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(preview.ok).toBe(true);
        const up = await stack.up();
        expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(rulesetsOf(up).length).toBeGreaterThan(0);
        expect(await lab.connect({ to: "192.0.2.10", port: 443 })).toBe("open");
        expect(await lab.connect({ to: "192.0.2.10", port: 8080 })).toBe("timeout");
        expect((await stack.destroy()).ok).toBe(true);
        for (const host of hosts) expect(await untouched(host)).toBe(true);
    });

    test("the top of the repository previews the quick start", async () => {
        const preview = await stackOf(root, {}).preview();
        expect(preview.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(preview.steps.map(({ urn }) => urn.split("::").at(-1))).toEqual(
            expect.arrayContaining(["web/quic", "192.0.2.10", "192.0.2.11"]),
        );
    });
});
