import type { Exposure } from "../../core/analysis/exposure";
import type { StoredPolicy } from "../../core/model/storedPolicy";

/** What the engine compares and the state keeps of a security group. */
export interface GroupInputs extends StoredPolicy {
    /** Its name at Leaseweb. */
    readonly group: string;
    /** Ids of the instances in it. */
    readonly instances: Readonly<Record<string, true>>;
    /** Takes the instances out of all other groups. Absent: it does not. */
    readonly exclusive?: boolean;
    /** Id of a group that is there already, to take over once. */
    readonly adopt?: string;
    /** Absent: `on`. */
    readonly lockoutCheck?: "on" | "off";
    /** Where the API is. Absent: at Leaseweb. */
    readonly url?: string;
    readonly credentials?: { readonly apiKey: string };
    /** The rules of the group: what each allows -> the rule that it is made for. */
    readonly rows: Readonly<Record<string, string>>;
    /** What comes in by the rows, and all that leaves. */
    readonly exposure: Exposure;
    readonly base: string;
    /** Found there, never said: by instance, the other groups of one that should be in none. */
    readonly others?: Readonly<Record<string, string>>;
    readonly rulesFormat: 1;
}

/** What the state keeps besides. */
export interface GroupOutputs extends GroupInputs {
    /** Empty where the group is gone. */
    readonly groupId: string;
    /** By instance, the ids of groups that it was taken out of, which a destroy puts it back into. */
    readonly replaced?: Readonly<Record<string, string>>;
    /** Ids of other groups of its own, while one takes the place of another. */
    readonly leftovers?: string;
}

export const OPTION_NAMES = ["group", "instances", "exclusive", "adopt", "url", "lockoutCheck"] as const;

/** What passes whatever rules say; the API's document says nothing of it. */
export const GROUP_BASE = "replies, what leaves (not verified)";
