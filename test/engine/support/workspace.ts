import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(__dirname, "../../..");

/** What the fixture program builds: written to its `scenario.json`. */
export interface ProgramData {
    readonly templates?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    readonly hosts?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A copy of the fixture program in a folder of its own, with the project's own SDK and the fixture package. */
export interface Workspace {
    readonly directory: string;
    readonly write: (program: ProgramData) => void;
    readonly remove: () => void;
}

export function openWorkspace(): Workspace {
    const directory = mkdtempSync(join(tmpdir(), "engine-test-"));
    cpSync(join(repository, "test/engine/fixture/program"), directory, { recursive: true });
    mkdirSync(join(directory, "node_modules"));
    symlinkSync(join(repository, "node_modules/@pulumi"), join(directory, "node_modules/@pulumi"));
    symlinkSync(join(repository, "test/engine/fixture/package"), join(directory, "node_modules/engine-fixture"));
    const write = (program: ProgramData): void =>
        writeFileSync(join(directory, "scenario.json"), JSON.stringify(program));
    write({});
    return { directory, write, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
