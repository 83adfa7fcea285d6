/** Runs at most `width` tasks at a time, in the order in which they were given. */
export function limiter(width: number): <T>(task: () => Promise<T>) => Promise<T> {
    const waiting: (() => void)[] = [];
    let running = 0;
    const enter = (): Promise<void> | undefined => {
        if (running < width) {
            running += 1;
            return undefined;
        }
        return new Promise((resolve) => waiting.push(resolve));
    };
    const leave = (): void => {
        const next = waiting.shift();
        if (next) {
            next();
        } else {
            running -= 1;
        }
    };
    return async (task) => {
        await enter();
        try {
            return await task();
        } finally {
            leave();
        }
    };
}
