import { cpSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openStack, type Stack } from "../../engine/stack";
import type { Lab } from "../lab";

const root = join(__dirname, "..", "..");

/** Where an example is, or the top of the repository. */
export const exampleFolder = (name?: string) => (name === undefined ? root : join(root, "examples", name));

/** Gives the stack of a project as its user runs it, with the lab's keys in the home directory: types are checked. */
export function openExamples(lab: Lab): (projectDir: string, config: Readonly<Record<string, string>>) => Stack {
    // In the lab's folder, which goes however this process ends.
    const folder = mkdtempSync(join(dirname(lab.keyFile), "examples-"));
    mkdirSync(join(folder, ".ssh"));
    const { SSH_AUTH_SOCK: _a, PULUMI_NODEJS_TRANSPILE_ONLY: _t, ...env } = process.env;
    return (projectDir, config) => {
        cpSync(lab.knownHostsFile, join(folder, ".ssh", "known_hosts"));
        return openStack({
            projectDir,
            stack: "dev",
            stateDir: join(folder, "state"),
            passphrase: "a passphrase for tests",
            config,
            secretConfig: { "vps-firewall:privateKey": readFileSync(lab.keyFile, "utf8") },
            env: { ...env, HOME: folder },
        });
    };
}
