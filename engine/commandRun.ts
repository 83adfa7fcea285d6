import type { Properties } from "./values";

/** A command to run, somewhere. */
export interface CommandRun {
    readonly command: string;
    readonly environment: Readonly<Record<string, string>>;
    /** Like `environment`, but a server that refuses them is only worth a warning. */
    readonly previousOutput: Readonly<Record<string, string>>;
    readonly stdin: string;
    readonly inputs: Properties;
    /** Called with each line to be logged. */
    readonly onLine: (line: string, stream: "stdout" | "stderr") => void;
    readonly warn: (message: string) => void;
}

export interface CommandOutput {
    readonly stdout: string;
    readonly stderr: string;
}
