import { FirewallError, printable, quote } from "../../core/model/diagnostics";
import { pause } from "../http";
import * as answers from "./answers";
import { call } from "./call";
import type { CallOptions } from "./options";
import { left, panelError } from "./panelError";
import type { Panel } from "./panel";
import type { NetcupTask } from "./types";

/** What a change may be given besides. */
export interface ChangeOptions extends CallOptions {
    /** Told what the task looks like, each time that it is looked at. */
    readonly onProgress?: ((task: NetcupTask) => void) | undefined;
}

/** What the task is doing now. */
export function getTask(panel: Panel, uuid: string, { signal }: CallOptions = {}): Promise<NetcupTask> {
    return lookAt(panel, uuid, left.unchanged, signal);
}

async function lookAt(panel: Panel, uuid: string, leaves: string, signal: AbortSignal | undefined) {
    const path = `/scp-core/api/v1/tasks/${encodeURIComponent(uuid)}`;
    return answers.asTask(await call(panel, { method: "GET", path, answer: answers.task, leaves }, signal));
}

/**
 * Waits for the end of a task, looking at it every `pollInterval`. Only FINISHED is success.
 *
 * @throws FirewallError VF285 (it ended otherwise), VF286 (time-out, cancelled, a look at it failed)
 */
export async function waitForTask(
    panel: Panel,
    started: NetcupTask,
    { signal, onProgress }: ChangeOptions = {},
): Promise<NetcupTask> {
    const { pollInterval, taskTimeout } = panel.patience.timing;
    const { name, uuid } = started;
    const givenUp = (reason: string) =>
        panelError("VF286", { name: quote(name), uuid: printable(uuid, 40), reason, left: left.unknown });
    const began = Date.now();
    for (let task = started; ;) {
        onProgress?.(task);
        if (task.state === "FINISHED") return task;
        if (task.state === "ERROR" || task.state === "CANCELED" || task.state === "ROLLBACK") throw failed(panel, task);
        if (Date.now() + pollInterval - began > taskTimeout) throw givenUp(`it took more than ${taskTimeout / 1000} s`);
        try {
            await pause(pollInterval, signal);
            task = await lookAt(panel, uuid, left.unknown, signal);
        } catch (error) {
            if (signal?.aborted) throw givenUp("the operation was cancelled");
            if (error instanceof FirewallError) throw givenUp(`it can't be looked at any more: ${error.message}`);
            throw error;
        }
    }
}

/** The reason stands in `message` or in `responseError`. */
function failed(panel: Panel, { name, uuid, state, message, responseError }: NetcupTask): Error {
    const { code, message: other } = responseError ?? {};
    const words = [
        code && `[${code}]`,
        other && quote(panel.login.hide(other)),
        message && quote(panel.login.hide(message)),
    ];
    const reason = panel.login.hide(words.filter(Boolean).join(" ")) || "it does not say why";
    const rolledBack = "The panel says that it put back what was there before; read it before anything else.";
    return panelError("VF285", {
        name: quote(name),
        uuid: printable(uuid, 40),
        state,
        reason,
        left: state === "ROLLBACK" ? rolledBack : left.unknown,
    });
}
