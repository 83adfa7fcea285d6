// Compiles to dist/: CommonJS with declarations, beside it the shell files that run on hosts.
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
cpSync(join(root, "targets/ssh/host"), join(root, "dist/targets/ssh/host"), {
    recursive: true,
    filter: (source) => !source.endsWith(".ts"),
});
