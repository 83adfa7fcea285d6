// `npm run docs` writes the generated pages of docs/ and the schema; `node scripts/docs.mjs --check` fails where one is stale.
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installDependencies, root, runScript } from "./setup.mjs";

await runScript(async () => {
    installDependencies();
    const check = process.argv.includes("--check");
    const stale = Object.entries(await referencePages()).filter(([name, text]) => {
        const file = join(root, name);
        if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
        if (!check) writeFileSync(file, text);
        return true;
    });
    for (const [name] of stale) console.log(`${name} ${check ? "is stale: run npm run docs" : "written"}`);
    return check && stale.length > 0 ? 1 : 0;
});

/** What scripts/referencePages.ts makes of the tables as they are now, without a build. */
async function referencePages() {
    const { default: typescript } = await import("typescript");
    const compilerOptions = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 };
    const folder = mkdtempSync(join(tmpdir(), "vps-firewall-docs-"));
    try {
        symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
        for (const room of ["core/model", "scripts"]) {
            mkdirSync(join(folder, room), { recursive: true });
            for (const name of readdirSync(join(root, room)).filter((name) => name.endsWith(".ts"))) {
                const source = readFileSync(join(root, room, name), "utf8");
                const { outputText } = typescript.transpileModule(source, { compilerOptions });
                writeFileSync(join(folder, room, name.replace(/\.ts$/, ".js")), outputText);
            }
        }
        return createRequire(import.meta.url)(join(folder, "scripts/referencePages.js")).referencePages();
    } finally {
        rmSync(folder, { recursive: true });
    }
}
