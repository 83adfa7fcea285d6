"use strict";
/* eslint-disable @typescript-eslint/no-require-imports -- plain CommonJS: it runs as it is, without a compiler */

// Runs the engine's runner from its sources, for a test that wants it in a process of its own before anything is built.
const fs = require("node:fs");
const path = require("node:path");
const typescript = require("typescript");

require.extensions[".ts"] = (module, file) => {
    const { outputText } = typescript.transpileModule(fs.readFileSync(file, "utf8"), {
        fileName: file,
        compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
    });
    module._compile(outputText, file);
};
require(path.join(__dirname, "../../../engine/runner.ts"));
