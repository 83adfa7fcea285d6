import { FirewallError } from "../../../core/model/diagnostics";
import { openPanel, type FirewallRule, type Panel, type PanelOptions, type PanelTiming } from "../../../targets/netcup";
import { type NetcupSimulator, startNetcupSimulator } from "../../simulators/netcup";
import type { SimulatorOptions } from "../../simulators/netcup/server";

/** Short enough for tests; nothing depends on how long anything takes. */
export const quick: PanelTiming = {
    requestTimeout: 2_000,
    firstWait: 1,
    longestWait: 4,
    longestRetryAfter: 1_500,
    busyTimeout: 5_000,
    pollInterval: 1,
    taskTimeout: 5_000,
    renewBefore: 10_000,
};

export interface Account {
    readonly simulator: NetcupSimulator;
    readonly panel: Panel;
    readonly log: string[];
    /** Every token there was. */
    readonly tokens: Set<string>;
}

const open: NetcupSimulator[] = [];

type Options = SimulatorOptions & Partial<Omit<PanelOptions, "timing">> & { readonly timing?: Partial<PanelTiming> };

/** A simulator with an account opened at it; closed after the test. */
export async function openAccount({ looks, largestPage, timing, ...options }: Options = {}): Promise<Account> {
    const simulator = await startNetcupSimulator({ looks, largestPage });
    open.push(simulator);
    const log: string[] = [];
    const tokens = new Set([simulator.login.refreshToken]);
    const given = simulator.login.accessTokens;
    const set = given.set.bind(given);
    given.set = (token, end) => (tokens.add(token), set(token, end));
    const panel = openPanel({
        url: simulator.url,
        refreshToken: simulator.login.refreshToken,
        timing: { ...quick, ...timing },
        log: (line) => log.push(line),
        ...options,
    });
    return { simulator, panel, log, tokens };
}

/** Ends the simulators of a test; their answers must have been those of the document. */
export async function closeAll(): Promise<void> {
    const misfits = open.flatMap((simulator) => simulator.misfits);
    await Promise.all(open.splice(0).map((simulator) => simulator.close()));
    expect(misfits).toEqual([]);
}

/** The error of a promise, which must be one of ours. */
export async function failure(promise: Promise<unknown>): Promise<FirewallError> {
    const error = await promise.then(
        (value) => new Error(`no error but ${JSON.stringify(value)}`),
        (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(FirewallError);
    return error as FirewallError;
}

export const web = { serverId: 1, mac: "5a:f1:00:00:00:01" };

export const accept = (port: number, direction: FirewallRule["direction"] = "INGRESS"): FirewallRule => ({
    direction,
    protocol: "TCP",
    action: "ACCEPT",
    destinationPorts: String(port),
});

/** The requests that came, without query: `PUT /scp-core/...`. */
export const requests = ({ simulator }: Account, pattern: RegExp) =>
    simulator.seen.filter(({ request }) => pattern.test(request));
