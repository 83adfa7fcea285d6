import { PartialFailure } from "./partialFailure";

// What every entry that Pulumi's dynamic provider process loads needs.

/** A value of the stack's configuration; a plain key is looked up in the project's own namespace. */
export interface ConfigureRequest {
    readonly config: { get(key: string): string | undefined };
}

export type Properties = Record<string, unknown>;

export function withoutProvider({ __provider: _, ...properties }: Properties): Properties {
    return properties;
}

/** On a partial failure the adapter stores the properties as they are, and without their provider they could never be deleted. */
export async function keepingProvider<Result>(
    { __provider }: Properties,
    operation: () => Promise<Result>,
): Promise<Result> {
    try {
        return await operation();
    } catch (error) {
        if (error instanceof PartialFailure) Object.assign(error.properties, { __provider });
        throw error;
    }
}
