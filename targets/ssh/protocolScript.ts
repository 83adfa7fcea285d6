import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Filter, Timing } from "./protocol";

export type StepName = "list" | "backups" | "backup" | "probe" | "arm" | "confirm" | "withdraw" | "remove";

/** The packet filter that a step works with; it may be left to the host. */
export interface FilterWish {
    readonly backend?: Filter["backend"] | undefined;
    readonly variant?: Filter["variant"];
}

/** What a step is told: `variables` become shell variables, `payloads` functions that print the text. */
export interface StepInput {
    readonly name: StepName;
    /** What a probe found; what is asked for, where there was none. */
    readonly filter: FilterWish;
    readonly timing: Timing;
    readonly variables?: Readonly<Record<string, string | number>>;
    readonly payloads?: Readonly<Record<string, string>>;
}

const shared = [
    "common",
    "filter",
    "nft",
    "nftLarge",
    "ipset",
    "iptables",
    "iptablesState",
    "managers",
    "takeover",
    "revert",
    "bootSystemd",
    "bootOther",
    "boot",
];
/** What only one step needs besides. */
const extra: Readonly<Partial<Record<StepName, readonly string[]>>> = {
    probe: ["way", "containers", "surroundings"],
    arm: ["keepFirst", "delta"],
    confirm: ["keepBackup"],
};

/**
 * The script of one step. It is one group command, so that a shell runs all of it or, when the connection was cut while
 * it was sent, nothing.
 */
export function stepScript(input: StepInput, marker: string): string {
    const variables = {
        ...timingVariables(input.timing),
        ...filterVariables(input.filter),
        ...input.variables,
        marker,
    };
    const payloads =
        input.name === "arm" ? { ...input.payloads, helper: helperScript(input, variables) } : (input.payloads ?? {});
    return [
        "{",
        "ssh_connection=${1-}",
        assignments(variables),
        ...[...shared, ...(extra[input.name] ?? []), input.name].map(part),
        ...payloadsOf(payloads),
        `step_${input.name}`,
        "} </dev/null",
        "",
    ].join("\n");
}

/** The process that stays on the host and takes the apply back by itself; it answers to nobody. */
function helperScript(input: StepInput, variables: Readonly<Record<string, string | number>>): string {
    const { apply_id = "", filter = "", variant = "" } = variables;
    const own = { ...timingVariables(input.timing), apply_id, filter, variant, marker: "" };
    return [assignments(own), ...shared.map(part), ...payloadsOf({}), part("helper")].join("\n");
}

/** What the next boot runs goes with every script: each compares what the host has with it. Equal texts go once. */
function payloadsOf(payloads: Readonly<Record<string, string>>): string[] {
    const names = new Map<string, string>();
    return Object.entries({ ...payloads, loader: loader() }).map(([name, text]) => {
        const same = names.get(text);
        if (same !== undefined) return `payload_${name}() {\npayload_${same}\n}`;
        names.set(text, name);
        return payload(name, text);
    });
}

/** What the host keeps and runs at boot: a script of its own. */
function loader(): string {
    return `${["load", "ipset", "iptables", "loadConfirmed"].map(part).join("\n")}\n`;
}

/** The names that host/filter.sh knows. */
function filterVariables({ backend, variant }: FilterWish): Record<string, string> {
    const names = { nftables: "nft", iptables: "iptables" };
    return { filter: backend === undefined ? "auto" : names[backend], variant: variant ?? "" };
}

function timingVariables(timing: Timing): Record<string, number> {
    return {
        load_seconds: timing.load,
        lock_seconds: timing.lock,
        retry_seconds: timing.retry,
        give_up_seconds: timing.giveUp,
        track_seconds: timing.track,
    };
}

function assignments(variables: Readonly<Record<string, string | number>>): string {
    return Object.entries(variables)
        .map(([name, value]) => `${name}=${shellQuote(String(value))}`)
        .join("\n");
}

/** One word for a POSIX shell, whatever is in it. */
export function shellQuote(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A function that prints `text` exactly, with a line break at its end. */
function payload(name: string, text: string): string {
    if (text.includes("\0")) throw new Error(`the ${name} of an apply has a NUL character`);
    const end = `END_${randomBytes(16).toString("hex")}`;
    if (text.includes(end)) return payload(name, text);
    const lines = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    return `payload_${name}() {\ncat <<'${end}'\n${lines}${end}\n}`;
}

function part(name: string): string {
    return readFileSync(join(__dirname, "host", `${name}.sh`), "utf8").trimEnd();
}
