import {
    closeSync,
    existsSync,
    fsyncSync,
    mkdirSync,
    openSync,
    readFileSync,
    renameSync,
    writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { newCrypter, openCrypter } from "./secrets";
import { emptyDeployment } from "./state";
import type { Deployment } from "./state";
import { fromStateJson, toStateJson } from "./stateFormat";
import type { StateJson } from "./stateFormat";

/** The state of one stack on disk. */
export interface StateFile {
    readonly path: string;
    readonly read: () => Deployment;
    /** Replaces the file as a whole: whoever reads it sees the old state or the new one, also after a crash. */
    readonly write: (deployment: Deployment) => void;
}

/** Throws an EngineError where the file was written with another passphrase. */
export function openStateFile(path: string, passphrase: string): StateFile {
    const load = (): StateJson | undefined =>
        existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as StateJson) : undefined;
    const saved = load();
    const crypter = saved
        ? openCrypter(passphrase, saved.deployment.secrets_providers.state.salt)
        : newCrypter(passphrase);
    return {
        path,
        read: () => {
            const json = load();
            return json ? fromStateJson(json, crypter) : emptyDeployment;
        },
        write: (deployment) => replaceFile(path, JSON.stringify(toStateJson(deployment, crypter), undefined, 4)),
    };
}

function replaceFile(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    const next = `${path}.next`;
    const file = openSync(next, "w", 0o600);
    try {
        writeFileSync(file, text);
        fsyncSync(file);
    } finally {
        closeSync(file);
    }
    renameSync(next, path);
    const directory = openSync(dirname(path), "r");
    try {
        fsyncSync(directory);
    } finally {
        closeSync(directory);
    }
}
