// Runs any command where a lab can be opened: `node scripts/lab.mjs npx jest test/lab`, or a shell to look around.
import { requireLab, runInLabNetwork, runScript } from "./setup.mjs";

await runScript(async () => {
    requireLab();
    const command = process.argv.slice(2);
    return runInLabNetwork(command.length > 0 ? command : [process.env.SHELL ?? "sh"]);
});
