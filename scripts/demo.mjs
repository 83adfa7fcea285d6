// `npm run demo`: two real hosts in namespaces, the quick start on them, and every promise of the README shown.
import { build, installDependencies, requireLab, runInLabNetwork, runScript } from "./setup.mjs";

await runScript(async () => {
    installDependencies();
    requireLab();
    build();
    return runInLabNetwork([process.execPath, "scripts/demo/story.mjs"]);
});
