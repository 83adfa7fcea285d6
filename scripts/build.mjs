// Compiles to dist/: CommonJS with declarations, beside it the shell files that run on hosts.
import { spawnSync } from "node:child_process";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
// Made elsewhere and moved into place: who runs meanwhile sees the old dist/ or the new one, never half of one.
const fresh = join(root, `.dist-${process.pid}`);
const old = `${fresh}-old`;
const compiler = [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json", "--outDir", fresh];
const tsc = spawnSync(process.execPath, compiler, { cwd: root, stdio: "inherit" });
if (tsc.status === 0) {
    cpSync(join(root, "targets/ssh/host"), join(fresh, "targets/ssh/host"), { recursive: true });
    try {
        renameSync(join(root, "dist"), old);
    } catch (error) {
        if (error.code !== "ENOENT") throw error;
    }
    renameSync(fresh, join(root, "dist"));
}
rmSync(fresh, { recursive: true, force: true });
rmSync(old, { recursive: true, force: true });
process.exit(tsc.status ?? 1);
