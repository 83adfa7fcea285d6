// Opens a session, runs a command, closes it and does nothing else: the process must end by itself. Arguments: port, key file.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import typescript from "typescript";

const require = createRequire(import.meta.url);

require.extensions[".ts"] = (module, file) => {
    const compilerOptions = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 };
    module._compile(typescript.transpileModule(readFileSync(file, "utf8"), { compilerOptions }).outputText, file);
};
const { openSession } = require("../../../targets/ssh/index.ts");

async function main() {
    const [port, keyFile] = process.argv.slice(2);
    const session = await openSession(
        { host: "127.0.0.1", port: Number(port), hostKeyChecking: "off" },
        { privateKey: readFileSync(keyFile, "utf8") },
        { config: {}, env: {}, home: "/nonexistent" },
    );
    const { stdout } = await session.run("echo ran", "", { timeoutMs: 60000, maxOutput: 100 });
    session.close();
    process.stdout.write(`${stdout.trim()} ${Date.now()}\n`);
}
void main();
