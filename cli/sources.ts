import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Packet } from "../core/analysis/decide";
import type { Bounds } from "../core/dialects/nftables";
import type { Policy } from "../core/model/policy";
import { policyOf } from "../core/model/storedPolicy";
import { nameIn, RULESET_TYPE, storedIn } from "../review/storedRules";
import { liveRules } from "./liveRules";

/** Where rules are taken from: exactly one. */
export interface Sources {
    readonly state?: string;
    readonly preview?: string;
    readonly program?: string;
    readonly host?: string;
}

/** The rules of one server. */
export interface Asked {
    readonly name: string;
    readonly policy: Policy;
    /** Rules that wait while the firewall is switched off, which is what `policy` says then. */
    readonly waiting?: Policy;
    /** In deciding order. */
    readonly templates: readonly string[];
    /** Why the policy is not all that decides there; absent: it is. */
    readonly bound?: string;
    /** What holds all the same of a packet, where something decides there that could not be read. */
    readonly boundsOf?: (packet: Packet) => Bounds;
}

export async function sourcesOf({ state, preview, program, host }: Sources): Promise<readonly Asked[]> {
    const said = [state, preview, program, host].filter((each) => each !== undefined).length;
    if (said !== 1) throw new Error("say one of --state, --preview, --program and --host");
    if (host !== undefined) return [await liveRules(host)];
    if (state !== undefined) return stored(resourcesOfState(JSON.parse(textOf(state))));
    return stored(resourcesOfPreview(JSON.parse(preview === undefined ? runPreview(program!) : textOf(preview))));
}

/** A file, or standard input where it is `-`. */
export function textOf(file: string): string {
    return readFileSync(file === "-" ? 0 : file, "utf8");
}

export interface PreviewOptions {
    readonly stack?: string | undefined;
    /** What a preview writes that fails is wanted too, if it is a document. */
    readonly failed?: boolean;
}

/** What `pulumi preview --json` writes; an error that holds what it says is wrong, if it fails. */
export function runPreview(directory: string, { stack, failed = false }: PreviewOptions = {}): string {
    const chosen = stack === undefined ? [] : ["--stack", stack];
    const args = ["preview", "--json", "--non-interactive", "--cwd", directory, ...chosen];
    const { error, status, stdout, stderr } = spawnSync("pulumi", args, { encoding: "utf8", maxBuffer: 2 ** 30 });
    if (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
        throw new Error(
            isMissing ? "there is no command pulumi on the PATH: install it, or use --preview" : error.message,
        );
    }
    if (status === 0 || (failed && errorsIn(stdout).length > 0)) return stdout;
    const said = [...errorsIn(stdout), stderr].map((text) => text.trim()).filter(Boolean);
    throw new Error(["pulumi preview failed:", ...said].join("\n"));
}

/** The errors among the diagnostics of a preview; none where it is no JSON. */
function errorsIn(stdout: string): string[] {
    try {
        const { diagnostics = [] } = JSON.parse(stdout) as { diagnostics?: { severity?: string; message?: string }[] };
        return diagnostics.flatMap(({ severity, message }) => (severity === "error" && message ? [message] : []));
    } catch {
        return [];
    }
}

interface Resource {
    readonly urn?: string;
    readonly type?: string;
    readonly inputs?: Record<string, unknown>;
}

function resourcesOfState(document: { deployment?: { resources?: Resource[] } }): Resource[] {
    const resources = document.deployment?.resources;
    if (!Array.isArray(resources)) throw new Error("this is not what `pulumi stack export` writes");
    return resources;
}

function resourcesOfPreview(document: { steps?: { op?: string; newState?: Resource }[] }): Resource[] {
    if (!Array.isArray(document.steps)) throw new Error("this is not what `pulumi preview --json` writes");
    return document.steps.flatMap(({ op, newState }) => (newState && op !== "delete" ? [newState] : []));
}

function stored(resources: readonly Resource[]): Asked[] {
    return resources
        .filter(({ type }) => type === RULESET_TYPE)
        .map(({ urn = "", inputs = {} }): Asked => {
            const name = nameIn(urn);
            const policy = storedIn(inputs, name);
            const templates = policy.templates?.split(", ") ?? [
                ...new Set(Object.keys(policy.rules).map((key) => key.slice(0, key.indexOf("/")))),
            ];
            const { enabled, ...rules } = policy;
            return {
                name,
                policy: policyOf(policy),
                templates,
                ...(enabled === "off" && { waiting: policyOf(rules) }),
            };
        });
}
