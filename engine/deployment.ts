import { applyStep } from "./apply";
import type { ApplyContext } from "./apply";
import { planDeletes, runDeletes } from "./deletes";
import { EngineError, messageOf } from "./errors";
import { Bail } from "./events";
import type { Diagnostic, EngineEvent } from "./events";
import { limiter } from "./limit";
import { planResource } from "./plan";
import type { ResourceProvider } from "./provider";
import { refreshAll } from "./refresh";
import type { Registration } from "./registration";
import type { Snapshot } from "./snapshot";
import { rootStackType, urnOf } from "./state";
import type { ResourceState } from "./state";
import { isReplacementPart, stepOf } from "./steps";
import type { Step } from "./steps";
import { deepEquals } from "./values";
import type { Properties } from "./values";

export interface DeploymentOptions {
    readonly project: string;
    readonly stack: string;
    readonly dryRun: boolean;
    readonly parallel: number;
    readonly snapshot: Snapshot;
    readonly provider: (type: string) => Promise<ResourceProvider>;
    readonly emit: (event: EngineEvent) => void;
}

/** One run of the engine over one stack. */
export interface RunningDeployment {
    /** Makes one resource true and says what it is then. Throws once the deployment has been stopped. */
    readonly register: (registration: Registration) => Promise<ResourceState>;
    readonly registerOutputs: (urn: string, outputs: Properties) => void;
    readonly refresh: (alone: boolean) => Promise<void>;
    /** Deletes what the program no longer asked for; with nothing registered, everything. */
    readonly deleteRest: () => Promise<void>;
    /** To be called at the end: the outputs of the stack are those of a run that succeeded. */
    readonly finish: () => void;
    readonly stop: () => void;
    readonly stopped: () => boolean;
    /** Resolves when the deployment has been stopped; never, if all goes well. */
    readonly halted: Promise<void>;
    readonly say: (diagnostic: Diagnostic) => void;
    /** Waits for what has begun: nothing is left half done by the engine itself. */
    readonly settled: () => Promise<void>;
}

export function startDeployment(options: DeploymentOptions): RunningDeployment {
    const { snapshot, dryRun, emit } = options;
    const limit = limiter(options.parallel);
    const seen = new Map<string, { step: Step; state: ResourceState | undefined }>();
    const deleted = new Set<string>();
    const inFlight = new Set<Promise<unknown>>();
    let stackOutputs: { urn: string; outputs: Properties } | undefined;
    let stopped = false;
    let halt: () => void = () => undefined;
    const halted = new Promise<void>((resolve) => (halt = resolve));
    const stop = (): void => {
        stopped = true;
        halt();
    };
    let olds = indexOf(snapshot);

    const say = (diagnostic: Diagnostic): void => emit({ kind: "diagnostic", diagnostic });
    const applying: ApplyContext = {
        dryRun,
        snapshot,
        provider: options.provider,
        emit,
        deletes: (urn) => deleted.has(urn),
    };
    const planning = {
        dryRun,
        old: (urn: string) => olds.get(urn),
        olds: () => [...olds.values()],
        provider: options.provider,
        say,
    };

    const fail = (error: unknown, urn?: string): never => {
        stop();
        if (!(error instanceof Bail)) {
            say({ severity: "error", message: messageOf(error), ...(urn !== undefined && { urn }) });
        }
        throw error;
    };
    const unlessStopped = <T>(task: () => Promise<T>): Promise<T> => {
        if (stopped) {
            return Promise.reject(new Bail("the deployment has been stopped"));
        }
        const running = task();
        inFlight.add(running);
        const done = (): boolean => inFlight.delete(running);
        running.then(done, done);
        return running;
    };

    // Checks and diffs run one after the other, as the program asked for them.
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
        const next = turn.then(() => unlessStopped(task));
        turn = next.catch(() => undefined);
        return next;
    };

    const place = (registration: Registration): { urn: string; placed: Registration } => {
        const root = urnOf(
            options.stack,
            options.project,
            undefined,
            rootStackType,
            `${options.project}-${options.stack}`,
        );
        const parent =
            registration.parent ?? (registration.type !== rootStackType && seen.has(root) ? root : undefined);
        // A component hands it down, so that what stands below goes with the same resource.
        const deletedWith = registration.deletedWith ?? seen.get(parent ?? "")?.state?.deletedWith;
        const placed = {
            ...registration,
            ...(parent !== undefined && { parent }),
            ...(deletedWith !== undefined && { deletedWith }),
        };
        const urn = urnOf(options.stack, options.project, placed.parent, placed.type, placed.name);
        if (seen.has(urn)) {
            throw new EngineError(`Duplicate resource URN '${urn}'; try giving it a unique name`);
        }
        return { urn, placed };
    };

    const register = async (registration: Registration): Promise<ResourceState> => {
        const { urn, steps } = await inTurn(async () => {
            try {
                const { urn, placed } = place(registration);
                const steps = await planResource(planning, urn, placed);
                const main = steps.find(({ op }) => !isReplacementPart(op)) ?? stepOf("same", urn, {});
                seen.set(urn, { step: main, state: undefined });
                return { urn, steps };
            } catch (error) {
                return fail(error);
            }
        });
        return limit(() =>
            unlessStopped(async () => {
                let state: ResourceState | undefined;
                for (const step of steps) {
                    const made = await applyStep(applying, step).catch(fail);
                    state = step.op === "replace" ? state : (made ?? state);
                }
                if (state === undefined) {
                    throw new Error(`no state for ${urn}`);
                }
                const known = seen.get(urn);
                seen.set(urn, { step: known?.step ?? stepOf("same", urn, {}), state });
                return state;
            }),
        );
    };

    const setOutputs = (urn: string, outputs: Properties): void => {
        const known = seen.get(urn);
        if (known?.state === undefined) {
            throw new EngineError(`outputs for a resource that was not registered: ${urn}`);
        }
        const state = { ...known.state, outputs };
        if (!deepEquals(known.state.outputs, outputs)) {
            snapshot.replace(known.state, state);
        }
        seen.set(urn, { ...known, state });
        emit({ kind: "outputs", step: { ...known.step, new: state }, op: known.step.op });
    };

    return {
        register,
        registerOutputs: (urn, outputs) => {
            if (seen.get(urn)?.state?.type === rootStackType) {
                stackOutputs = { urn, outputs };
            } else {
                setOutputs(urn, outputs);
            }
        },
        refresh: async (alone) => {
            try {
                await refreshAll({ snapshot, provider: options.provider, emit, limit, alone });
                olds = indexOf(snapshot);
            } catch (error) {
                fail(error);
            }
        },
        deleteRest: async () => {
            const steps = planDeletes(snapshot.current().resources, (urn) => seen.has(urn));
            steps.forEach(({ urn }) => deleted.add(urn));
            try {
                await runDeletes(steps, (step) => limit(() => applyStep(applying, step)));
            } catch (error) {
                fail(error);
            }
        },
        finish: () => {
            if (stackOutputs) {
                const before = stopped ? (olds.get(stackOutputs.urn)?.outputs ?? {}) : {};
                setOutputs(stackOutputs.urn, { ...before, ...stackOutputs.outputs });
            }
        },
        stop,
        stopped: () => stopped,
        halted,
        say,
        settled: async () => {
            while (inFlight.size > 0) {
                await Promise.allSettled(inFlight);
            }
        },
    };
}

function indexOf(snapshot: Snapshot): Map<string, ResourceState> {
    const kept = snapshot.current().resources.filter(({ pendingDelete }) => !pendingDelete);
    return new Map(kept.map((resource) => [resource.urn, resource]));
}
