// `npm run test:hosts`: the whole crash matrix, on every userland. It takes about three quarters of an hour.
//
//   npm run test:hosts -- --only "systemd bullseye reboot"    the cells that have all of these words
//   npm run test:hosts -- --again                             the cells that are missing or had a problem
//
// What came of each cell is kept in node_modules/.cache, so that a part can be run again: the table is made of the last
// run of every cell. Once no cell of hosts with nftables is missing, theirs goes into docs/safety.md; the same for iptables.
// The last line says what was run now.
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, installDependencies, requireLab, root, run, runInLabNetwork, runScript } from "./setup.mjs";

await runScript(async () => {
    const { values } = parseArgs({
        options: { only: { type: "string", default: "" }, again: { type: "boolean", default: false } },
    });
    installDependencies();
    requireLab();
    build();

    const cache = join(root, "node_modules/.cache/vps-firewall");
    const [kept, results] = ["crash.jsonl", "crash-run.jsonl"].map((name) => join(cache, name));
    mkdirSync(cache, { recursive: true });
    if (values.only === "" && !values.again) rmSync(kept, { force: true });
    // Of a run that was ended in its middle.
    else if (existsSync(results)) appendFileSync(kept, readFileSync(results));
    rmSync(results, { force: true });

    const jest = ["node_modules/jest/bin/jest.js", "--silent", "--runInBand", "test/crash/matrix.test.ts"];
    const status = await runInLabNetwork([process.execPath, ...jest], {
        VPSFW_CRASH_WORDS: values.only,
        VPSFW_CRASH_DONE: values.again ? kept : "",
        VPSFW_CRASH_RESULTS: results,
    });
    if (!existsSync(results)) return status || 1;
    appendFileSync(kept, readFileSync(results));

    const { closingLine, impossibleCells, problemsOf, renderReasons, renderTable, wholeMatrix } =
        await importTable(cache);
    const now = readVerdicts(results);
    const all = readVerdicts(kept);
    console.log(`\n${renderTable(all)}\n`);
    for (const problem of now.flatMap(problemsOf)) console.log(problem);
    await writeText("impossible", renderReasons(impossibleCells()));
    for (const filter of ["nftables", "iptables"]) {
        const isOfIt = ({ cell }) => (cell.filter === "nft") === (filter === "nftables");
        const found = all.filter(isOfIt);
        const missing = wholeMatrix().filter((cell) => isOfIt({ cell })).length - found.length;
        if (missing === 0) await writeText(`npm run test:hosts, ${filter}`, renderTable(found));
        else console.log(`${missing} cells of hosts with ${filter} were not run yet: their table stays as it is.`);
    }
    console.log(closingLine(now));
    return status || (now.flatMap(problemsOf).length > 0 ? 1 : 0);
});

/** test/crash/table.ts and the cells it counts, as plain JavaScript. */
async function importTable(folder) {
    const { default: typescript } = await import("typescript");
    const compilerOptions = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 };
    const compile = (name) => {
        const source = readFileSync(join(root, `test/crash/${name}.ts`), "utf8");
        const file = join(folder, `${name}.js`);
        writeFileSync(file, typescript.transpileModule(source, { compilerOptions }).outputText);
        return createRequire(import.meta.url)(file);
    };
    return { ...compile("cells"), ...compile("table") };
}

/** The last verdict of every cell. */
function readVerdicts(file) {
    const verdicts = new Map();
    for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
        const verdict = JSON.parse(line);
        verdicts.set(JSON.stringify(verdict.cell), verdict);
    }
    return [...verdicts.values()];
}

/** Into docs/safety.md, at its place. */
function writeText(name, text) {
    const file = join(root, "docs/safety.md");
    const page = readFileSync(file, "utf8");
    const begin = `<!-- ${name} -->`;
    const from = page.indexOf(begin) + begin.length;
    writeFileSync(file, `${page.slice(0, from)}\n\n${text}\n\n${page.slice(page.indexOf("<!-- end -->", from))}`);
    return run(["node_modules/.bin/prettier", "--write", file]);
}
