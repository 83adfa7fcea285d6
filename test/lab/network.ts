import { readlinkSync } from "node:fs";
import { runCommand, type CommandOptions, type CommandResult } from "./command";

/** Set by the runner: the network namespace of the machine, seen from inside the lab's. */
const outerNet = () => process.env.VPSFW_OUTER_NET;

/** Whether this process runs in a network namespace of the lab's own, so that a lab can be opened. */
export function inLabNetwork(): boolean {
    const outer = outerNet();
    return outer !== undefined && readlinkSync(outer) !== readlinkSync("/proc/self/ns/net");
}

/** Throws unless a lab can be opened: it must never be built in the machine's own network. */
export function assertLabNetwork(): void {
    if (inLabNetwork()) return;
    throw new Error("the lab needs a network namespace of its own: run the tests with `node scripts/test.mjs [files]`");
}

/** `describe`, or `describe.skip` where no lab can be; in CI a missing lab is a failure. */
export const describeLab: (name: string, tests: () => void) => void = (name, tests) => {
    if (inLabNetwork()) describe(name, tests);
    else if (process.env.CI === "true") test(name, assertLabNetwork);
    else describe.skip(name, tests);
};

/** Runs a program in the machine's own network, for the few things that need a registry. */
export function runOutside(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const outer = outerNet();
    return runCommand(outer === undefined ? argv : ["nsenter", `--net=${outer}`, "--", ...argv], options);
}
