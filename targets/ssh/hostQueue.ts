/** Runs tasks one at a time per host, and on a limited number of hosts at once. */
export interface HostQueue {
    /** Runs `task` once every earlier task of this host has ended, well or not, and a place is free. */
    run<T>(host: string, task: () => Promise<T>): Promise<T>;
}

export function createHostQueue(hostsAtOnce = 20): HostQueue {
    const lastOf = new Map<string, Promise<unknown>>();
    const waiting: (() => void)[] = [];
    let free = hostsAtOnce;

    async function inPlace<T>(task: () => Promise<T>): Promise<T> {
        if (free > 0) free--;
        else await new Promise<void>((resolve) => waiting.push(resolve));
        try {
            return await task();
        } finally {
            // A place is handed on rather than freed, so that nobody overtakes who waits.
            const next = waiting.shift();
            if (next) next();
            else free++;
        }
    }

    return {
        run<T>(host: string, task: () => Promise<T>): Promise<T> {
            const previous = lastOf.get(host) ?? Promise.resolve();
            const result = previous.then(() => inPlace(task));
            const settled = result.then(
                () => undefined,
                () => undefined,
            );
            lastOf.set(host, settled);
            void settled.then(() => {
                if (lastOf.get(host) === settled) lastOf.delete(host);
            });
            return result;
        },
    };
}

/** The queue of this process: a deployment has one provider process, so all its operations meet here. */
export const hostQueue = createHostQueue();
