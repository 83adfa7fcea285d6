import { bulkhead } from "cockatiel";

/** Runs things once fewer than `most` run. */
export function atMost(most: number): <T>(run: () => Promise<T>) => Promise<T> {
    const places = bulkhead(most, Infinity);
    return (run) => places.execute(run);
}

/**
 * Runs changes one after the other. One that is cancelled while it waits is made at once: its first request sees that, and is
 * not sent.
 */
export function inTurn(): <T>(make: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T> {
    const changes = bulkhead(1, Infinity);
    return (make, signal) => {
        let begun = false;
        const waiting = changes.execute(() => {
            begun = true;
            return make();
        });
        if (!signal) return waiting;
        return new Promise((resolve, reject) => {
            const cancelled = () => void (begun || make().then(resolve, reject));
            signal.addEventListener("abort", cancelled, { once: true });
            waiting.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancelled));
        });
    };
}
