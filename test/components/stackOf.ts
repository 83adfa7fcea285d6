import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStack, type Stack } from "../../engine/stack";

/** A program and its stack, on the embedded engine; nothing is reached but what the program names. */
export interface ProgramStack {
    /** Writes the program anew; `index.ts`, without imports. */
    write(program: string): void;
    stack(config?: Readonly<Record<string, string>>): Stack;
    /** Texts of the state file, to look for what must not be in it. */
    readonly folder: string;
    close(): void;
}

/** Opens an empty stack; its program imports the built package. */
export function stackOf(env: NodeJS.ProcessEnv = {}): ProgramStack {
    const folder = mkdtempSync(join(tmpdir(), "vpsfw-stack-"));
    symlinkSync(join(__dirname, "..", "..", "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: program\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "program", main: "index.ts" }));
    const compilerOptions = { strict: true, target: "es2022", module: "node16", skipLibCheck: true };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    return {
        folder,
        write: (program) => writeFileSync(join(folder, "index.ts"), IMPORTS + program),
        stack: (secretConfig = {}) =>
            openStack({
                ...{ projectDir: folder, stack: "dev", stateDir: join(folder, "state"), passphrase: "for tests" },
                secretConfig,
                env: { ...process.env, HOME: folder, PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...env },
            }),
        close: () => rmSync(folder, { recursive: true, force: true }),
    };
}

const IMPORTS = `
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as vpsfw from "pulumi-vps-firewall";
const { FirewallTemplate } = vpsfw;
`;
