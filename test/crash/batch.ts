import { existsSync } from "node:fs";
import type { OperationResult } from "../../engine/stack";
import { nameOf } from "../../engine/state";
import type { World } from "../host/world";
import type { LabHost } from "../lab";
import type { Cell, Filter, Operation } from "./cells";
import { type Lift, strike } from "./faults";
import { startKillable } from "./killable";
import { keptOf, look, type Look, lockOut, lookOnceQuiet } from "./look";
import { inHost, isHeld, letBegin, letGoOn, type Point, standsStill, standStillAt, until } from "./standStill";

/** The cell that one host goes through in a batch. */
export interface Trial {
    readonly cell: Cell;
    readonly host: LabHost;
    readonly point: Point;
}

/** How one cell ended. */
export interface Verdict {
    readonly cell: Cell;
    /** What the host ran with nobody helping; `removed`: VF112, nothing could be put back. */
    readonly ended: "old" | "new" | "removed" | "wrong";
    /** Why management did not get in; empty when it did. */
    readonly lockedOut: string;
    /** Where host, promise and state differ. */
    readonly disagreements: readonly string[];
}

export interface Batch {
    readonly filter: Filter;
    readonly operation: Operation;
    readonly trials: readonly Trial[];
    /** A host of the same program that nothing happens to: what it runs is what "new" means. */
    readonly control: LabHost;
    /** Every host of the program. */
    readonly hosts: readonly LabHost[];
    /** The port that the program opens beside SSH from this operation on. */
    readonly port: number;
    /** What every host runs before. */
    readonly before: Pick<Look, "live" | "confirmed">;
    /** Heal by `up --refresh` (delete: `refresh`, `destroy`) instead of `up` (`destroy`). */
    readonly refreshFirst: boolean;
}

export const NOTHING = { live: "none", confirmed: "none" };

/** All hosts at once: an engine that begins no new step after a failure must have begun them all. */
const PARALLEL = 32;
/** Longest for a host that settles by itself: the window, the time a revert tries, and a busy machine. */
const SETTLE_SECONDS = 120;

/** Runs one operation on all hosts, lets each fault strike at its moment, looks, and heals. */
export async function runBatch(world: World, batch: Batch): Promise<{ verdicts: Verdict[]; after: Look }> {
    const { operation, trials, control, hosts } = batch;
    const points = new Map(trials.map(({ host, point }) => [host, point]));
    await Promise.all(hosts.map((host) => standStillAt(host, points.get(host))));
    if (operation !== "delete") write(world, hosts, batch.port, batch.filter);

    const killed = trials.some(({ cell }) => cell.fault === "client-killed");
    const { lifts, result } = await (killed ? killInTheMiddle(world, batch) : strikeInTheMiddle(world, batch));

    const settled = await Promise.all(trials.map((trial) => settle(world, trial, lifts.get(trial.host))));
    const expected = await look(control);
    await Promise.all(trials.map(async ({ host, cell }) => isLiftedEarly(cell) || lifts.get(host)?.()));
    const state = world.stack().state();
    const verdicts = trials.map(({ cell, host }, i): Verdict => {
        const { found, lockedOut } = settled[i]!;
        const kept = keptOf(state, host);
        const ended = endOf(found, batch.before, expected);
        const disagreements: string[] = [];
        if (ended === "wrong") disagreements.push(`runs neither the old nor the new ruleset: ${JSON.stringify(found)}`);
        // A client that was killed could not say anything, and one that can't reach the host says so (VF111).
        if (!killed && (kept?.errors ?? []).length === 0 && (kept?.applyId ?? "") !== found.liveId)
            disagreements.push(`the state has apply "${kept?.applyId ?? ""}", the host "${found.liveId}"`);
        if (disagreements.length > 0 && result) disagreements.push(...saidOf(result, host));
        return { cell, ended, lockedOut, disagreements };
    });
    const unhealed = await heal(world, batch, expected, filesThatMayStay(trials, result));
    return {
        after: expected,
        verdicts: verdicts.map((verdict, i) => ({
            ...verdict,
            disagreements: [...verdict.disagreements, ...(unhealed.get(trials[i]!.host) ?? [])],
        })),
    };
}

export function write(world: World, hosts: readonly LabHost[], port: number, filter: Filter): void {
    const backend = filter === "nft" ? "" : 'backend: "iptables", ';
    // With iptables a list of networks, another one each time, is a set of ipset where the host has that.
    const networks = Array.from({ length: 12 }, (_, i) => `203.0.${port % 256}.${16 * i}/29`);
    const listed = filter === "nft" ? "" : `, listed: { action: "drop", from: ${JSON.stringify(networks)} }`;
    world.write(`
import { FirewallTemplate, HostFirewall } from "pulumi-vps-firewall";
const web = new FirewallTemplate("web", {
    rules: { ssh: { service: "ssh" }, open: { protocol: "tcp", ports: ${port} }${listed} },
});
for (const host of ${JSON.stringify(hosts.map(({ ipv4 }) => ipv4))}) {
    new HostFirewall(host, { connection: { host, user: "root" }, templates: [web], ${backend}confirmSeconds: 5 });
}`);
}

interface Struck {
    readonly lifts: ReadonlyMap<LabHost, Lift>;
    /** Of an operation that was not killed. */
    readonly result?: OperationResult;
}

async function strikeInTheMiddle(world: World, { operation, trials, hosts }: Batch): Promise<Struck> {
    const lifts = new Map<LabHost, Lift>();
    const stack = world.stack();
    const running = operation === "delete" ? stack.destroy({ parallel: PARALLEL }) : stack.up({ parallel: PARALLEL });
    let ended = false;
    const end = running.finally(() => (ended = true));
    end.catch(() => undefined);
    const reached = async (condition: () => boolean, what: string) => {
        await until(() => ended || condition(), 120, what);
        if (ended && !condition()) throw new Error(`the operation ended before ${what}:\n${(await end).text}`);
    };
    try {
        await reached(() => hosts.every(isHeld), "every host to be reached");
        await Promise.all(hosts.map(letBegin));
        await Promise.all(
            trials.map(async ({ host, cell, point }) => {
                await reached(() => standsStill(host), `${host.name} to stand still (${point})`);
                const lift = await strike(host, cell);
                if (lift) lifts.set(host, lift);
                await letGoOn(host);
            }),
        );
    } finally {
        if (!ended) await Promise.all(hosts.flatMap((host) => [letBegin(host), letGoOn(host)])).catch(() => undefined);
        await end;
    }
    return { lifts, result: await end };
}

/** Every host stands still at its moment; then all processes of the client are killed at once. */
async function killInTheMiddle(world: World, { operation, trials, hosts, control, before }: Batch): Promise<Struck> {
    const client = startKillable(operation === "delete" ? "destroy" : "up", PARALLEL, world.stackOptions());
    const reached = (condition: () => boolean, what: string) =>
        Promise.race([until(condition, 120, what), client.endedEarly]);
    const slow = trials.filter(({ cell }) => cell.moment === "revert");
    const quick = hosts.filter((host) => !slow.some((trial) => trial.host === host));
    try {
        await reached(() => hosts.every(isHeld), "every host to be reached");
        // Those that stand still only at the end of their window go first, that no other window ends meanwhile.
        await Promise.all(slow.map(({ host }) => letBegin(host)));
        await reached(() => slow.every(({ host }) => standsStill(host)), "the first hosts to stand still");
        await Promise.all(quick.map(letBegin));
        await reached(() => trials.every(({ host }) => standsStill(host)), "every host to stand still");
        await Promise.race([
            until(async () => isThrough(await look(control), operation, before), 60, "the control host to be through"),
            client.endedEarly,
        ]);
    } catch (error) {
        await client.kill();
        throw error;
    }
    const struck = trials.map(({ host, cell }) => strike(host, cell));
    await Promise.all([client.kill(), ...struck]);
    await Promise.all(trials.map(({ host }) => letGoOn(host)));
    return { lifts: new Map() };
}

function isThrough(found: Look, operation: Operation, before: Batch["before"]): boolean {
    if (operation === "delete") return found.live === "none" && found.left.length === 0;
    return found.live !== before.live && found.confirmedId === found.liveId && found.left.length === 0;
}

/** Waits, without helping the host, until nothing is pending there and no step runs, and looks what it runs then. */
async function settle(world: World, { host, cell }: Trial, lift?: Lift): Promise<{ found: Look; lockedOut: string }> {
    const settled = async () =>
        !existsSync(inHost(host, "/run/vps-firewall/pending")) && (await host.run(NO_STEP_RUNS)).code === 0;
    await until(settled, SETTLE_SECONDS, `${host.name} to settle`).catch(() => undefined);
    if (isLiftedEarly(cell)) await lift?.();
    let lockedOut = "";
    await until(async () => (lockedOut = await lockOut(world.lab, host)) === "", 60, "management").catch(
        () => undefined,
    );
    return { found: await look(host), lockedOut };
}

/** Whether management gets in can only be asked where there is a network again. */
const isLiftedEarly = ({ fault }: Cell) => fault === "network-gone";

/** The lock of the protocol is free, also where there is no flock and a link is the lock. */
const NO_STEP_RUNS = `cd /run/vps-firewall 2>/dev/null || exit 0
! command -v flock >/dev/null || flock -n lock true || exit 1
! owner=$(readlink lock.owner) || [ ! -e "/proc/$(echo "$owner" | cut -d : -f 2)" ]`;

function endOf(found: Look, before: Batch["before"], expected: Look): Verdict["ended"] {
    const is = ({ live, confirmed }: Pick<Look, "live" | "confirmed">) =>
        found.live === live && found.confirmed === confirmed && (live === "none" || found.liveId === found.confirmedId);
    if (is(before)) return "old";
    if (is(expected)) return "new";
    return found.failure && found.live === "none" ? "removed" : "wrong";
}

/** The errors and warnings about one host. */
function saidOf(result: OperationResult, { ipv4 }: LabHost): string[] {
    return result.diagnostics
        .filter(({ severity }) => severity !== "info")
        .map(({ message }) => message.trim())
        .filter((message) => new RegExp(`\\b${ipv4}\\b`).test(message));
}

/**
 * Hosts from which a delete that had succeeded could not take away files that load nothing any more, and said so: the
 * resource is gone, so no later operation comes by.
 */
function filesThatMayStay(trials: readonly Trial[], result: OperationResult | undefined): ReadonlySet<LabHost> {
    const told = ({ ipv4 }: LabHost) =>
        result?.diagnostics.some(({ message }) => message.includes(`${ipv4} `) && message.includes("not be removed"));
    return new Set(
        trials.flatMap(({ cell, host }) =>
            cell.operation === "delete" && cell.fault === "disk-read-only" && told(host) ? [host] : [],
        ),
    );
}

/** The next operation ends with state = host = program, nothing left, and a preview that shows nothing. */
async function heal(
    world: World,
    batch: Batch,
    expected: Look,
    mayStay: ReadonlySet<LabHost>,
): Promise<Map<LabHost, string[]>> {
    const { operation, trials, hosts, refreshFirst } = batch;
    const problems = new Map<LabHost, string[]>(trials.map(({ host }) => [host, []]));
    // Of those that are named, or of all when none is.
    const blame = (problem: string, result: OperationResult) => {
        const named = trials.filter(({ host }) => saidOf(result, host).length > 0);
        for (const { host } of named.length > 0 ? named : trials)
            problems.get(host)!.push([problem, ...saidOf(result, host)].join(": "));
    };
    const stack = world.stack();
    if (operation === "delete") {
        if (refreshFirst) {
            const refresh = await stack.refresh({ parallel: PARALLEL });
            if (!refresh.ok) blame("refresh failed", refresh);
        }
        const destroy = await stack.destroy({ parallel: PARALLEL });
        if (!destroy.ok || stack.state().resources.length > 0) blame("the next destroy failed", destroy);
    } else {
        const up = await stack.up({ parallel: PARALLEL, refresh: refreshFirst });
        if (!up.ok) blame("the next up failed", up);
        const preview = await stack.preview({ parallel: PARALLEL, refresh: true });
        const { same: _, ...changes } = preview.json.changeSummary;
        const changed = preview.steps.filter(({ op }) => op in changes).map(({ urn }) => nameOf(urn));
        if (Object.keys(changes).length > 0)
            for (const { host } of trials)
                if (changed.includes(host.ipv4) || !hosts.some(({ ipv4 }) => changed.includes(ipv4)))
                    problems.get(host)!.push(`preview --refresh shows changes: ${preview.text.slice(0, 2000)}`);
        if (!preview.ok) blame("preview --refresh failed", preview);
    }
    const state = stack.state();
    await Promise.all(
        trials.map(async ({ host }) => {
            const found = await (mayStay.has(host) ? look : lookOnceQuiet)(host);
            const list = problems.get(host)!;
            const { live, confirmed } = operation === "delete" ? NOTHING : expected;
            if (found.live !== live || found.confirmed !== confirmed)
                list.push(`after the next operation the host runs something else: ${JSON.stringify(found)}`);
            const applyId = keptOf(state, host)?.applyId ?? "";
            if (mayStay.has(host)) return;
            if (found.liveId !== applyId || found.confirmedId !== applyId || found.manifestId !== applyId)
                list.push(`after the next operation the state has "${applyId}": ${JSON.stringify(found)}`);
            if (found.left.length > 0) list.push(`left on the host: ${found.left.join(", ")}`);
            if (found.failure) list.push("the reason of a failed revert is still kept");
        }),
    );
    return problems;
}
