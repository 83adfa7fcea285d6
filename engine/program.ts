import { startNode } from "./childProcess";
import type { Child } from "./childProcess";
import type { Diagnostic } from "./events";
import type { Project } from "./project";

export interface ProgramOptions {
    readonly project: Project;
    readonly stack: string;
    readonly organization: string;
    readonly dryRun: boolean;
    readonly parallel: number;
    readonly address: string;
    readonly config: Readonly<Record<string, string>>;
    readonly secretKeys: readonly string[];
    readonly env: NodeJS.ProcessEnv;
    readonly say: (diagnostic: Diagnostic) => void;
}

// The SDK's own exit code for "it failed and the user has been told".
const alreadySaid = 32;

// The SDK writes errors in colour, and Node 20 spends half a minute colouring a stack that names the SDK's own sources
// (their mapped paths lack the folder it looks for). Nobody sees these colours, so they are switched off.
const plainErrors = `data:text/javascript,${encodeURIComponent(`
    import util from "node:util";
    const { inspect } = util;
    util.inspect = Object.assign(
        (value, options, ...rest) =>
            inspect(value, options?.colors ? { ...options, colors: false } : options, ...rest),
        inspect,
    );
`)}`;

/** Starts the program on the SDK of its own project. */
export function startProgram(options: ProgramOptions): Child {
    const { project } = options;
    return startNode({
        args: [
            `--import=${plainErrors}`,
            project.sdkScript("run"),
            `--monitor=${options.address}`,
            `--engine=${options.address}`,
            `--organization=${options.organization}`,
            `--project=${project.name}`,
            `--root-directory=${project.root}`,
            `--stack=${options.stack}`,
            `--pwd=${project.directory}`,
            `--parallel=${options.parallel}`,
            ...(options.dryRun ? ["--dry-run"] : []),
            project.entryPoint,
        ],
        cwd: project.directory,
        env: {
            ...options.env,
            ...(project.typescript && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
            PULUMI_CONFIG: JSON.stringify(withMarkedNames(options.config)),
            PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(options.secretKeys),
        },
        onLine: (line, stream) => options.say({ severity: stream === "stdout" ? "info" : "info#err", message: line }),
    });
}

// The SDK reads the names of an older form: `project:config:key`.
function withMarkedNames(config: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(":", ":config:"), value]));
}

/** What an exit code says that has not been said; undefined where there is nothing to add. */
export function exitMessage(code: number | null): string | undefined {
    if (code === 0 || code === alreadySaid) {
        return undefined;
    }
    return `Program exited with ${code === null ? "a signal" : `non-zero exit code: ${code}`}`;
}
