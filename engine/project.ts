import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { EngineError } from "./errors";

/** A Pulumi project: what its `Pulumi.yaml` says, and where its own SDK is. */
export interface Project {
    readonly name: string;
    /** Where `Pulumi.yaml` is. */
    readonly root: string;
    /** Where the program runs and its modules are looked up. */
    readonly directory: string;
    /** The file to run; `.` for the one that `package.json` names. */
    readonly entryPoint: string;
    /** Whether the SDK compiles the program; `typescript: false` in the runtime's options saves half a second. */
    readonly typescript: boolean;
    /** A script of the SDK that the program itself uses. */
    readonly sdkScript: (name: "run" | "dynamic-provider") => string;
}

/** Throws an EngineError where there is no project, or none that runs on Node. */
export function openProject(root: string): Project {
    const file = join(root, "Pulumi.yaml");
    if (!existsSync(file)) {
        throw new EngineError(`no Pulumi.yaml in ${root}`);
    }
    const settings = readYaml(readFileSync(file, "utf8"));
    const { name, main, runtime } = settings;
    const { name: language, options } = runtimeOf(runtime);
    if (typeof name !== "string" || language !== "nodejs") {
        throw new EngineError(`${file} must have a name and the runtime nodejs`);
    }
    const path = resolve(root, typeof main === "string" ? main : ".");
    const folder = existsSync(path) && statSync(path).isDirectory();
    const directory = folder ? path : dirname(path);
    return {
        name,
        root: resolve(root),
        directory,
        entryPoint: folder ? "." : basename(path),
        typescript: options?.["typescript"] !== false,
        sdkScript: (script) => sdkScript(directory, script),
    };
}

function runtimeOf(runtime: unknown): { name?: unknown; options?: Record<string, unknown> } {
    return typeof runtime === "object" && runtime !== null ? runtime : { name: runtime };
}

function sdkScript(directory: string, name: string): string {
    try {
        return require.resolve(`@pulumi/pulumi/cmd/${name}`, { paths: [directory] });
    } catch {
        throw new EngineError(`@pulumi/pulumi is not installed in ${directory}: run npm install there`);
    }
}

function readYaml(text: string): Record<string, unknown> {
    // The SDK brings its own YAML reader; one more dependency for two keys would be too much.
    const sdkRequire = createRequire(require.resolve("@pulumi/pulumi"));
    const yaml = sdkRequire("js-yaml") as { load: (source: string) => unknown };
    const settings = yaml.load(text);
    return typeof settings === "object" && settings !== null ? (settings as Record<string, unknown>) : {};
}
