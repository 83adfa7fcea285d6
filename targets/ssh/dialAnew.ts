import type { Connect, ProtocolSession } from "./protocol";

/** Opens a new connection within `milliseconds`; one that comes later is closed. */
export async function dialAnew(connect: Connect, milliseconds: number): Promise<ProtocolSession> {
    const abort = new AbortController();
    const attempt = connect(abort.signal);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
            reject(new Error("connect timed out"));
            abort.abort();
            attempt.then(
                (session) => session.close(),
                () => undefined,
            );
        }, milliseconds);
    });
    try {
        return await Promise.race([attempt, late]);
    } finally {
        clearTimeout(timer);
    }
}

export function sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
