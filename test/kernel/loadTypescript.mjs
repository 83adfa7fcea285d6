// Lets a plain Node process load the TypeScript of this repository as it stands, types unchecked (`npm run check` does).
import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import typescript from "typescript";

const compilerOptions = {
    module: typescript.ModuleKind.CommonJS,
    target: typescript.ScriptTarget.ES2022,
    esModuleInterop: true,
    inlineSourceMap: true,
};

Module._extensions[".ts"] = (module, file) => {
    const source = readFileSync(file, "utf8");
    module._compile(typescript.transpileModule(source, { compilerOptions, fileName: file }).outputText, file);
};

/** `require` for the TypeScript file at `path`, seen from the file with this URL. */
export function loadTypescript(path, url) {
    return createRequire(url)(path);
}
