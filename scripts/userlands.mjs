// Makes userlands for lab hosts ahead of the tests: `node scripts/userlands.mjs bullseye bookworm trixie`.
import { makeUserland, requireLab, runScript } from "./setup.mjs";

await runScript(async () => {
    requireLab();
    const made = [];
    for (const suite of process.argv.slice(2)) made.push(await makeUserland(suite));
    return made.every(Boolean) ? 0 : 1;
});
