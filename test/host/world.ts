import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openStack, type Stack, type StackOptions } from "../../engine/stack";
import { type Lab, type LabOptions, openLab } from "../lab";

/** A lab of real hosts and a Pulumi program that manages them, in a folder of its own. */
export interface World {
    readonly lab: Lab;
    readonly folder: string;
    /** The program, a file index.ts; write it again to change it. */
    write(program: string): void;
    /** The stack `dev` of the program; each call opens it anew, as another run of the command would. */
    stack(config?: Readonly<Record<string, string>>, name?: string, options?: WorldStackOptions): Stack;
    /** What `stack` opens: plain data, so that another process can open the same stack. */
    stackOptions(config?: Readonly<Record<string, string>>, name?: string, options?: WorldStackOptions): StackOptions;
    close(): Promise<void>;
}

export interface WorldStackOptions {
    /** Default: `vps-firewall:privateKey`, the key of the lab. */
    readonly secretConfig?: Readonly<Record<string, string>>;
    /** Added to the environment of the program and the provider. */
    readonly env?: NodeJS.ProcessEnv;
}

const root = join(__dirname, "..", "..");

/** Opens a lab and an empty project that resolves the built package, with the lab's keys in its home directory. */
export async function openWorld(options: LabOptions = {}): Promise<World> {
    const lab = await openLab(options);
    // In the lab's folder, which goes however this process ends.
    const folder = mkdtempSync(join(dirname(lab.keyFile), "world-"));
    const home = join(folder, "home");
    mkdirSync(join(home, ".ssh"), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: world\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "world", main: "index.ts" }));
    const tsconfig = { compilerOptions: { strict: true, target: "es2022", module: "node16", skipLibCheck: true } };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    const { SSH_AUTH_SOCK: _, ...env } = process.env;

    function stackOptions(
        config: Readonly<Record<string, string>> = {},
        name = "dev",
        options: WorldStackOptions = {},
    ): StackOptions {
        // A host that was started meanwhile has added its keys. At once, since the program of another stack may read them.
        const knownHosts = join(home, ".ssh", "known_hosts");
        cpSync(lab.knownHostsFile, `${knownHosts}.new`);
        renameSync(`${knownHosts}.new`, knownHosts);
        return {
            projectDir: folder,
            stack: name,
            stateDir: join(folder, "state"),
            passphrase: "a passphrase for tests",
            config,
            // Types are the compiler's business (npm run types); here they would cost seconds for each operation.
            env: { ...env, HOME: home, PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...options.env },
            secretConfig: options.secretConfig ?? { "vps-firewall:privateKey": readFileSync(lab.keyFile, "utf8") },
        };
    }

    return {
        lab,
        folder,
        write: (program) => writeFileSync(join(folder, "index.ts"), program),
        stack: (config, name, options) => openStack(stackOptions(config, name, options)),
        stackOptions,
        close: () => lab.close(),
    };
}
