import type { Properties } from "./values";

/** Why a provider refuses inputs; `property` is empty where it is the resource as a whole. */
export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

export interface ProviderDiff {
    /** `unknown` leaves it to the engine, which compares the old inputs with the new ones. */
    readonly changes: "some" | "none" | "unknown";
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
}

export interface Created {
    readonly id: string;
    readonly outputs: Properties;
}

export interface Live {
    /** Empty: it is gone. */
    readonly id: string;
    readonly outputs: Properties;
    /** Absent where the provider cannot say what inputs would make what is there. */
    readonly inputs?: Properties;
}

/** What manages resources of one kind. All values are in clear: providers know nothing of secrets. */
export interface ResourceProvider {
    readonly check: (
        urn: string,
        old: Properties,
        now: Properties,
    ) => Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }>;
    readonly diff: (
        urn: string,
        id: string,
        old: { readonly inputs: Properties; readonly outputs: Properties },
        now: Properties,
    ) => Promise<ProviderDiff>;
    readonly create: (urn: string, inputs: Properties) => Promise<Created>;
    readonly read: (urn: string, id: string, inputs: Properties, outputs: Properties) => Promise<Live>;
    readonly update: (
        urn: string,
        id: string,
        old: { readonly inputs: Properties; readonly outputs: Properties },
        now: Properties,
    ) => Promise<Properties>;
    readonly delete: (urn: string, id: string, inputs: Properties, outputs: Properties) => Promise<void>;
}

/** The resource is there, but what was asked of it is not finished: it is stored with the reasons. */
export class PartialFailure extends Error {
    override readonly name = "PartialFailure";

    constructor(
        readonly id: string,
        readonly outputs: Properties,
        readonly reasons: readonly string[],
        readonly inputs?: Properties,
    ) {
        super(
            `${reasons.length} error${reasons.length === 1 ? "" : "s"} occurred:\n${reasons.map((reason) => `\t* ${reason}\n`).join("")}`,
        );
    }
}
