// Makes test/lab usable by plain Node (the demo, and the test that kills a process with an open lab).
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./setup.mjs";

/** Compiles test/lab into `folder`, as CommonJS; the entry is `index.js`. Needs the npm packages to be installed. */
export async function compileLab(folder) {
    const { default: typescript } = await import("typescript");
    const source = join(root, "test/lab");
    const compilerOptions = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 };
    for (const name of readdirSync(source)) {
        if (/\.(sh|mjs)$/.test(name)) copyFileSync(join(source, name), join(folder, name));
        if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
        const { outputText } = typescript.transpileModule(readFileSync(join(source, name), "utf8"), {
            compilerOptions,
        });
        writeFileSync(join(folder, name.replace(/\.ts$/, ".js")), outputText);
    }
}

/** The lab as test/lab/index.ts exports it. */
export async function importLab() {
    // Named like the lab's own folders, so that one which a killed process leaves is swept with them.
    const folder = mkdtempSync(join(tmpdir(), `vpsfw-lab-${process.pid}-`));
    process.once("exit", () => rmSync(folder, { recursive: true }));
    await compileLab(folder);
    return createRequire(import.meta.url)(join(folder, "index.js"));
}
