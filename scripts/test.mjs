// `npm test`: everything it needs, then every test; arguments go to jest (`node scripts/test.mjs test/core`).
// `--pulumi` runs the tests against the real Pulumi engine instead (test/pulumi).
import {
    build,
    findProgram,
    installDependencies,
    makeUserland,
    prepareLab,
    run,
    runInLabNetwork,
    runScript,
} from "./setup.mjs";

await runScript(async () => {
    const wanted = process.argv.slice(2);
    const pulumi = wanted.includes("--pulumi");
    if (pulumi && findProgram("pulumi") === undefined) {
        console.log("The tests against the real Pulumi engine did not run: pulumi is not on PATH.");
        return 0;
    }
    const obstacle = prepareLab();
    // On a new machine their making takes longest, so it begins first; who needs one before it is made waits.
    if (obstacle === undefined && wanted.length === 0)
        void makeUserland("bookworm").then(() => makeUserland("managers"));
    installDependencies();
    if (obstacle !== undefined) console.log(`The tests that need the lab of real hosts are skipped: ${obstacle}`);
    build();

    const args = wanted.filter((argument) => argument !== "--pulumi");
    const files = pulumi ? ["test/pulumi"] : ["--testPathIgnorePatterns=test/pulumi/"];
    // No test at all is a failure, but the closing line's to report.
    const jest = ["node_modules/jest/bin/jest.js", "--passWithNoTests", ...args, ...files];
    if (obstacle !== undefined) return run([process.execPath, ...jest]);
    return runInLabNetwork([process.execPath, "--import", "./scripts/isolateWorkers.mjs", ...jest]);
});
