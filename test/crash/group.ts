import { openWorld, type World } from "../host/world";
import type { HostOptions, LabHost } from "../lab";
import { type Batch, NOTHING, runBatch, type Verdict } from "./batch";
import { type Cell, type Filter, type Kind, LONG_FAULTS, type Operation, OPERATIONS } from "./cells";
import type { Look } from "./look";
import { installWrappers, pointOf } from "./standStill";

/**
 * Cells side by side, beside the control host. The provider works on twenty hosts at once; and each systemd takes some
 * of the 128 watches for files that the kernel gives to one user (fs.inotify.max_user_instances).
 */
const WIDTH = { plain: 19, systemd: 12 };
/** Hosts that are started side by side. */
const AT_ONCE = 5;

/** How often a batch is begun anew, on new hosts, when it could not be run: on a busy machine a host misses its moment. */
const TRIES = 3;

export interface Report {
    verdicts(verdicts: readonly Verdict[]): void;
    /** Nothing is known of these cells yet: they are begun anew. */
    again(cells: readonly Cell[], reason: string): void;
}

/**
 * Runs cells of one kind of host. The same hosts go through first apply, change and delete again and again, one cell
 * of each batch on each of them, so that a batch costs one operation, one window and what heals it.
 */
export async function runGroup(kind: Kind, cells: readonly Cell[], report: Report): Promise<void> {
    let remaining = batchesOf(cells);
    let failures = 0;
    while (remaining.length > 0) {
        const width = Math.max(...remaining.map(({ cells }) => cells.length));
        try {
            const hosts = await openHosts(kind, width);
            try {
                remaining = await runBatches(hosts, remaining, report);
            } finally {
                await hosts.world.close();
            }
        } catch (error) {
            if (++failures < 3) continue;
            report.verdicts(remaining.flatMap(({ cells }) => notRun(cells, error)));
            return;
        }
    }
}

interface Hosts {
    readonly world: World;
    readonly filter: Filter;
    readonly control: LabHost;
    /** One for each cell of a batch. */
    readonly others: readonly LabHost[];
}

async function openHosts(kind: Kind, width: number): Promise<Hosts> {
    const world = await openWorld();
    try {
        const names = ["control", ...Array.from({ length: width }, (_, i) => `cell${i}`)];
        const hosts: LabHost[] = [];
        // A few at a time: a machine with two cores that boots twenty at once boots none in time.
        for (let i = 0; i < names.length; i += AT_ONCE)
            hosts.push(
                ...(await Promise.all(
                    names.slice(i, i + AT_ONCE).map((name) => world.lab.addHost(name, labOptionsOf(kind))),
                )),
            );
        await Promise.all(hosts.map((host) => installWrappers(host, kind.filter)));
        const [control, ...others] = hosts;
        return { world, filter: kind.filter, control: control!, others };
    } catch (error) {
        await world.close();
        throw error;
    }
}

function labOptionsOf({ kind, userland, filter }: Kind): HostOptions {
    return filter === "nft" ? { kind, userland } : { kind, userland, iptables: variantOf(filter) };
}

function variantOf(filter: Exclude<Filter, "nft">): "nft" | "legacy" {
    return filter === "iptables-nft" ? "nft" : "legacy";
}

/** Until all are done, or one could not be run: it goes last, and what remains needs new hosts. */
async function runBatches(hosts: Hosts, batches: readonly CellBatch[], report: Report): Promise<CellBatch[]> {
    const { world, control, others } = hosts;
    let before: Pick<Look, "live" | "confirmed"> = NOTHING;
    let port = 8000;

    async function run(operation: Operation, cells: readonly Cell[]): Promise<readonly Verdict[]> {
        const trials = cells.map((cell, i) => ({ cell, host: others[i]!, point: pointOf(cell) }));
        port++;
        const refreshFirst = port % 2 === 0;
        const batch: Batch = {
            operation,
            filter: hosts.filter,
            trials,
            control,
            hosts: [control, ...others],
            port,
            before,
            refreshFirst,
        };
        const { verdicts, after } = await runBatch(world, batch);
        before = operation === "delete" ? NOTHING : after;
        return verdicts;
    }

    const remaining = [...batches];
    while (remaining.length > 0)
        for (const operation of OPERATIONS) {
            const next = remaining.findIndex((batch) => batch.operation === operation);
            if (next < 0) continue;
            const [{ cells, tries = 1 }] = remaining.splice(next, 1) as [CellBatch];
            try {
                // What the operation begins with, where the one before it has no more cells.
                if (operation === "create" && before !== NOTHING) await run("delete", []);
                if (operation !== "create" && before === NOTHING) await run("create", []);
                report.verdicts(await run(operation, cells));
            } catch (error) {
                if (tries === TRIES) report.verdicts(notRun(cells, error));
                else {
                    report.again(cells, (error as Error).message);
                    remaining.push({ operation, cells, tries: tries + 1 });
                }
                return remaining;
            }
        }
    return [];
}

function notRun(cells: readonly Cell[], error: unknown): Verdict[] {
    const disagreements = [`could not be run: ${(error as Error).message.slice(-1500)}`];
    return cells.map((cell) => ({ cell, ended: "wrong", lockedOut: "", disagreements }));
}

interface CellBatch {
    readonly operation: Operation;
    readonly cells: readonly Cell[];
    /** Which time it is run; default 1. */
    readonly tries?: number;
}

/** Cells of one kind of host that can run side by side: of one operation; those whose client is killed, and those that take minutes, apart. */
export function batchesOf(cells: readonly Cell[]): CellBatch[] {
    return OPERATIONS.flatMap((operation) =>
        ["killed", "long", "other"].flatMap((sort) => {
            const own = cells.filter((cell) => cell.operation === operation && sortOf(cell) === sort);
            const count = Math.ceil(own.length / WIDTH[cells[0]!.kind]);
            // Dealt out, so that not all that reboot do it in the same batch.
            return Array.from({ length: count }, (_, batch) => ({
                operation,
                cells: own.filter((_, i) => i % count === batch),
            }));
        }),
    );
}

function sortOf({ fault }: Cell): "killed" | "long" | "other" {
    if (fault === "client-killed") return "killed";
    return (LONG_FAULTS as readonly string[]).includes(fault) ? "long" : "other";
}
