import { isDeepStrictEqual } from "node:util";
import { FirewallError, diagnostic } from "../core/model/diagnostics";
import type { HostInputs, HostOutputs } from "./hostInputs";

/** Does the error say that the host did not answer, or that another machine answers in its place? */
export function isUnreachable(error: unknown): error is FirewallError {
    return error instanceof FirewallError && (error.code === "VF140" || error.code === "VF145");
}

/** Was the connection lost, or given up, before the host's answer came? */
function isLost(error: unknown): boolean {
    return error instanceof FirewallError && (error.code === "VF150" || error.code === "VF151");
}

const PATIENCE_MS = 60_000;

/**
 * Does again what may be done twice, as long as its answer gets lost: whether it was done is not known then. A host that
 * reboots meanwhile loses more than one.
 */
export async function untilAnswered<Result>(operation: () => Promise<Result>): Promise<Result> {
    for (const until = Date.now() + PATIENCE_MS; ;) {
        try {
            return await operation();
        } catch (error) {
            if (!isLost(error) || Date.now() > until) throw error;
        }
    }
}

/** The same error with the ways out of it, for what can't be done without the host. */
export function unreachable({ message }: FirewallError, host: string, done: "removed" | "read"): FirewallError {
    return new FirewallError(diagnostic("VF122", { host, done, problem: message }));
}

/** What only outputs hold; the type asks for every one. */
const ONLY_OUTPUTS: Readonly<Record<Exclude<keyof HostOutputs, keyof HostInputs>, true>> = {
    machineId: true,
    generation: true,
    applyId: true,
    filter: true,
    pinnedHostKey: true,
    pinnedProxyKeys: true,
};

/** What the state says, as inputs. */
export function inputsIn(known: HostOutputs): HostInputs {
    const inputs = Object.entries(known).filter(([key]) => !(key in ONLY_OUTPUTS));
    return Object.fromEntries(inputs) as unknown as HostInputs;
}

/**
 * Is all that changes how an unreachable host is treated? Then a host that is gone need not be reached, or the option
 * could not be set when it is needed.
 */
export function onlyForgets(known: HostOutputs, inputs: HostInputs): boolean {
    const { onUnreachable: _before, ...before } = inputsIn(known);
    const { onUnreachable, ...after } = inputs;
    return onUnreachable === "forget" && isDeepStrictEqual(before, after);
}
