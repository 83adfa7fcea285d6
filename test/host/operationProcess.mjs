// One operation on a stack in a process of its own, so that a test can kill it: `node operationProcess.mjs up`, the
// options of the stack as JSON on standard input.
import { text } from "node:stream/consumers";
import { openStack } from "../../dist/engine/stack.js";

const [operation] = process.argv.slice(2);
const result = await openStack(JSON.parse(await text(process.stdin)))[operation]();
console.log(result.text);
process.exitCode = result.ok ? 0 : 1;
