// A client that a test can kill: node clientProcess.mjs PID PORT CONFIRM_SECONDS [STAGE]
// It prints each stage and stands still at STAGE.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import ts from "typescript";

const load = createRequire(import.meta.url);
load.extensions[".ts"] = (module, file) => {
    const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
    });
    module._compile(outputText, file);
};

const { applyRuleset } = load("../../../targets/ssh/applyRuleset.ts");
const { enteredSession } = load("./bareHost.ts");
const { planFor } = load("./rulesets.ts");

const [pid, port, confirmSeconds, stopAt] = process.argv.slice(2);
console.log("started");
applyRuleset({
    host: "web1",
    connect: async () => enteredSession(Number(pid)),
    plan: (_, applyId) => planFor(applyId, Number(port)),
    verify: () => undefined,
    confirmSeconds: Number(confirmSeconds),
    timing: { track: 0, retry: 1, giveUp: 3 },
    onStage: async (stage) => {
        console.log(stage);
        if (stage === stopAt) await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
}).then(() => console.log("ended"));
