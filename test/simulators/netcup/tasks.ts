import { randomUUID } from "node:crypto";
import type { PanelState, SimulatedTask } from "./state";

export type NewTask = Omit<SimulatedTask, "uuid" | "state">;

/** Begins a task; it ends when it was looked at often enough. */
export function begin(state: PanelState, task: NewTask): SimulatedTask {
    const begun: SimulatedTask = { ...task, uuid: randomUUID(), state: "PENDING" };
    state.tasks.push(begun);
    return begun;
}

const isOver = ({ state }: SimulatedTask) => state !== "PENDING" && state !== "RUNNING";

/** One look at a task, which takes it on. */
export function look(task: SimulatedTask): void {
    if (isOver(task)) return;
    if (task.looks-- > 0) {
        task.state = "RUNNING";
        return;
    }
    task.state = task.end;
    if (task.end === "FINISHED") task.finish();
    if (task.end === "ROLLBACK") task.rollBack();
}

/** Whether another change is refused; being in its way counts as a look, so that tasks end though nobody asks for them. */
export function isBusy({ tasks }: PanelState): boolean {
    const running = tasks.filter((task) => !isOver(task));
    running.forEach(look);
    return running.length > 0;
}

/** As recorded: a message while it runs and none when it finished; `startedAt` is there from the beginning. */
export function shown(task: SimulatedTask): object {
    const { uuid, name, state, reasonIn } = task;
    const failed = isOver(task) && state !== "FINISHED";
    const reason = `The node gave up: ${state}`;
    return {
        uuid,
        name,
        state,
        startedAt: "2026-08-01T10:00:00Z",
        ...(isOver(task) ? { finishedAt: "2026-08-01T10:00:01Z" } : {}),
        executingUser: { id: 4711, username: "12345" },
        taskProgress: { progressInPercent: isOver(task) ? 100 : state === "RUNNING" ? 50 : 0 },
        message: failed ? (reasonIn === "message" ? reason : null) : isOver(task) ? null : "Working",
        steps: [],
        ...(failed && reasonIn === "responseError"
            ? { responseError: { code: "firewall.node.failed", message: reason } }
            : {}),
        serverActionId: 1,
    };
}
