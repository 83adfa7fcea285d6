/** A failure after which the resource must be kept in the state, with what is known of it. */
export class PartialFailure extends Error {
    constructor(
        readonly id: string,
        readonly properties: Record<string, unknown>,
        readonly reasons: readonly string[],
    ) {
        super(reasons.join("\n"));
    }
}
