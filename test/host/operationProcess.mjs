// One operation on a stack in a process of its own, so that a test can kill it: `node operationProcess.mjs up [at once]`, the
// options of the stack as one line of JSON on standard input, which stays open as long as the test lives. Messages are
// printed as they come, the report at the end.
import { createInterface } from "node:readline";
import { openStack } from "../../dist/engine/stack.js";

const lines = createInterface({ input: process.stdin });
lines.once("line", async (line) => {
    const [operation, parallel = "16"] = process.argv.slice(2);
    const onMessage = ({ message }) => process.stdout.write(`${message}\n`);
    const result = await openStack(JSON.parse(line))[operation]({ onMessage, parallel: Number(parallel) });
    process.stdout.write(result.text, () => process.exit(result.ok ? 0 : 1));
});
lines.once("close", () => process.exit(1));
