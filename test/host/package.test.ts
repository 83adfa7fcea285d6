import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { openStack, type Stack } from "../../engine/stack";
import { describeLab, type Lab, type LabHost, openLab } from "../lab";
import { mustRun, runCommand } from "../lab/command";
import { runOutside } from "../lab/network";
import { rulesetsOf } from "./anyHosts";

const root = join(__dirname, "..", "..");

// Several operations of seconds each.
jest.setTimeout(120_000);

/** `npm pack` and `npm install` into an empty project outside the repository, as a user does it. */
describeLab("the installed package", () => {
    let lab: Lab;
    let hosts: LabHost[];
    let folder: string;

    beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), "vpsfw-package-"));
        // The runner has built it: packing runs no script.
        const packed = await mustRun(["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
            cwd: root,
        });
        const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
        expect(
            files.map(({ path }) => path.split("/")[0]).filter((top, i, all) => all.indexOf(top) === i),
        ).not.toContain("test");

        writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "infra", private: true, main: "index.ts" }));
        const { version } = JSON.parse(
            readFileSync(join(root, "node_modules/@pulumi/pulumi/package.json"), "utf8"),
        ) as { version: string };
        const wanted = [
            `./${basename(filename)}`,
            `@pulumi/pulumi@${version}`,
            `typescript@${versionOf("typescript")}`,
            `@types/node@${versionOf("@types/node")}`,
        ];
        const installed = await runOutside(
            ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...wanted],
            { cwd: folder },
        );
        if (installed.code !== 0) throw new Error(installed.stderr);

        lab = await openLab({ ipv4: "192.0.2.0/24", ipv6: "2001:db8:5::/64" });
        hosts = await Promise.all(
            ["192.0.2.10", "192.0.2.11"].map((ipv4, i) => lab.addHost(`web${i}`, { ipv4, ipv6: `2001:db8:5::1${i}` })),
        );
        mkdirSync(join(folder, ".ssh"));
        cpSync(lab.knownHostsFile, join(folder, ".ssh", "known_hosts"));

        writeFileSync(join(folder, "Pulumi.yaml"), "name: infra\nruntime: nodejs\n");
        const compilerOptions = { strict: true, target: "es2022", module: "node16", noEmit: true, types: ["node"] };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
        cpSync(join(root, "examples/quickstart/index.ts"), join(folder, "index.ts"));
    }, 240_000);
    afterAll(async () => {
        await lab?.close();
        rmSync(folder, { recursive: true, force: true });
    });

    const versionOf = (name: string) =>
        (JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as { version: string })
            .version;

    function stack(): Stack {
        const { SSH_AUTH_SOCK: _a, ...env } = process.env;
        return openStack({
            projectDir: folder,
            stack: "dev",
            stateDir: join(folder, "state"),
            passphrase: "a passphrase for tests",
            secretConfig: { "vps-firewall:privateKey": readFileSync(lab.keyFile, "utf8") },
            env: { ...env, HOME: folder, PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
        });
    }

    const node = (...args: string[]) => runCommand([process.execPath, ...args], { cwd: folder });

    test("its types let the program through a strict compiler, and a misspelt field not", async () => {
        const compiled = await node("node_modules/typescript/bin/tsc", "-p", ".", "--skipLibCheck");
        expect(compiled.stdout).toBe("");
        expect(compiled.code).toBe(0);
        const wrong = readFileSync(join(folder, "index.ts"), "utf8").replace('service: "ssh"', "servce: 1");
        writeFileSync(join(folder, "wrong.ts"), wrong);
        const refused = await node(
            ..."node_modules/typescript/bin/tsc --strict --target es2022 --module node16 --noEmit --skipLibCheck wrong.ts".split(
                " ",
            ),
        );
        expect(refused.stdout).toContain("'servce' does not exist");
    });

    test("require and import both work, and only what is exported can be reached", async () => {
        const required = await node("-p", 'Object.keys(require("pulumi-vps-firewall")).sort().join()');
        expect(required.stdout.trim()).toBe(
            "AddressSet,FirewallRule,FirewallTemplate,HostFirewall,LeasewebSecurityGroup,LeasewebVpsFirewall,NetcupFirewall,defineService,presets",
        );
        const imported = await node(
            "--input-type=module",
            "-e",
            `import { HostFirewall } from "pulumi-vps-firewall";
             const { provider, netcup } = await import("pulumi-vps-firewall/provider/v1");
             const { previewProgram } = await import("pulumi-vps-firewall/testing");
             console.log(typeof HostFirewall, typeof provider.check, typeof netcup.check, typeof previewProgram);`,
        );
        expect(imported.stderr).toBe("");
        expect(imported.stdout.trim()).toBe("function function function function");
        for (const path of ["provider/hostProvider", "dist/components/index.js", "core/model/rule", "engine/stack"]) {
            const refused = await node("-e", `require("pulumi-vps-firewall/${path}")`);
            expect(refused.stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
        }
    });

    test("the command says what it can be asked", async () => {
        const help = await node("node_modules/.bin/vps-firewall", "ask", "--help");
        expect(help.stderr).toBe("");
        expect(help.stdout).toContain("vps-firewall ask --host root@192.0.2.10");
    });

    test("its own engine previews the program of the walkthrough", async () => {
        const previewed = await node(
            "-e",
            `require("pulumi-vps-firewall/testing").previewProgram({ projectDir: process.cwd() }).then(({ ok, errors, step }) =>
                console.log(JSON.stringify({ ok, errors, line: step("FirewallRule", "web/metrics").newState.inputs.rule })));`,
        );
        expect(previewed.stderr).toBe("");
        expect(JSON.parse(previewed.stdout.trim().split("\n").at(-1) ?? "")).toEqual({
            ok: true,
            errors: [],
            line: "accept tcp from 10.0.0.0/8 to port 9100",
        });
    });

    test("the program goes up on two hosts, and is destroyed", async () => {
        await hosts[0]?.listen(443);
        await hosts[0]?.listen(8080);
        const up = await stack().up();
        expect(up.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(rulesetsOf(up)).toHaveLength(2);
        expect(await lab.connect({ to: "192.0.2.10", port: 443 })).toBe("open");
        expect(await lab.connect({ to: "192.0.2.10", port: 8080 })).toBe("timeout");
        expect((await stack().destroy()).ok).toBe(true);
        expect(await lab.connect({ to: "192.0.2.10", port: 8080 })).toBe("open");
    });
});
