/** Something the user can read and act on; shown without a stack. */
export class EngineError extends Error {
    override readonly name = "EngineError";
}

/** What this engine leaves out, by name, so that nobody takes silence for support. */
export function notImplemented(what: string): EngineError {
    return new EngineError(
        `the embedded engine does not implement ${what}: it serves tests and the demo, use pulumi for the rest`,
    );
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
