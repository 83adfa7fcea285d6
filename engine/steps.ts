import type { DetailedDiff } from "./diff";
import type { ResourceState } from "./state";

/** What a step does, in Pulumi's words. */
export type Op =
    "same" | "create" | "update" | "delete" | "replace" | "create-replacement" | "delete-replaced" | "refresh";

/** In the order in which a summary counts them. */
export const ops: readonly Op[] = [
    "same",
    "create",
    "update",
    "delete",
    "replace",
    "create-replacement",
    "delete-replaced",
    "refresh",
];

/** One operation on one resource. */
export interface Step {
    readonly op: Op;
    readonly urn: string;
    readonly old?: ResourceState;
    readonly new?: ResourceState;
    /** Top-level inputs that changed. */
    readonly diffReasons: readonly string[];
    /** Top-level inputs that force a replacement. */
    readonly replaceReasons: readonly string[];
    /** Absent where the provider said only that something changed, and for components. */
    readonly detailedDiff?: DetailedDiff;
}

/** Part of a replacement: shown and counted as the `replace` step only. */
export const isReplacementPart = (op: Op): boolean => op === "create-replacement" || op === "delete-replaced";

export const prefixes: Readonly<Record<Op, string>> = {
    same: "  ",
    create: "+ ",
    update: "~ ",
    delete: "- ",
    replace: "+-",
    "create-replacement": "++",
    "delete-replaced": "--",
    refresh: "~ ",
};

export const pastTense: Readonly<Record<Op, string>> = {
    same: "same",
    create: "created",
    update: "updated",
    delete: "deleted",
    replace: "replaced",
    "create-replacement": "created replacement",
    "delete-replaced": "deleted original",
    refresh: "refreshed",
};

export function stepOf(op: Op, urn: string, rest: Partial<Omit<Step, "op" | "urn">>): Step {
    return { op, urn, diffReasons: [], replaceReasons: [], ...rest };
}
