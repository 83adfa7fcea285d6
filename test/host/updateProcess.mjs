// One update of a host in a process of its own, so that a test can kill it: `node updateProcess.mjs`, with id, inputs,
// known state and private key as one line of JSON on standard input, which stays open as long as the test lives.
import { createInterface } from "node:readline";
import { HostProvider } from "../../dist/provider/hostProvider.js";

const lines = createInterface({ input: process.stdin });
lines.once("line", async (line) => {
    const { id, inputs, known, privateKey } = JSON.parse(line);
    const provider = new HostProvider({
        surroundings: () => ({ config: { privateKey }, env: {}, home: "/nonexistent" }),
        log: (_, text) => console.log(text),
    });
    await provider.update(id, inputs, known);
    process.exit(0);
});
lines.once("close", () => process.exit(1));
