import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { previewProgram, type ProgramPreview } from "../../engine/testing";

/** Previews a program that imports the built package, in a project of its own; nothing is reached. */
export async function previewOf(program: string): Promise<ProgramPreview> {
    const projectDir = mkdtempSync(join(tmpdir(), "vpsfw-program-"));
    try {
        symlinkSync(join(__dirname, "..", "..", "node_modules"), join(projectDir, "node_modules"));
        writeFileSync(join(projectDir, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
        writeFileSync(join(projectDir, "package.json"), JSON.stringify({ name: "program", main: "index.ts" }));
        const compilerOptions = { strict: true, target: "es2022", module: "node16", skipLibCheck: true };
        writeFileSync(join(projectDir, "tsconfig.json"), JSON.stringify({ compilerOptions }));
        writeFileSync(join(projectDir, "index.ts"), IMPORTS + program);
        const env = { ...process.env, HOME: projectDir, PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
        return await previewProgram({ projectDir, env });
    } finally {
        rmSync(projectDir, { recursive: true, force: true });
    }
}

const IMPORTS = `
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { AddressSet, FirewallTemplate, HostFirewall, LeasewebSecurityGroup, LeasewebVpsFirewall, defineService, presets } from "pulumi-vps-firewall";
`;
