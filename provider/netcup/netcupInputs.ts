import type { Exposure } from "../../core/analysis/exposure";
import type { StoredPolicy } from "../../core/model/storedPolicy";

/** Which interface, and where its panel is. */
export interface NetcupTarget {
    /** Name, nickname, host name or address. */
    readonly server: string;
    /** The hardware address, where the server has several interfaces that can have a firewall. */
    readonly interface?: string;
    /** Absent: netcup's own. */
    readonly url?: string;
}

/** What the engine compares and the state keeps. netcup's rules are not in it: they follow. */
export interface NetcupInputs extends StoredPolicy {
    readonly target: NetcupTarget;
    /** Organisation, project and stack. */
    readonly owner: string;
    /** Of the policy in the account. */
    readonly policyName: string;
    readonly exposure: Exposure;
    /** Who must be able to open SSH; they are only proved. */
    readonly managementSources?: readonly string[];
    /** Absent: 22. */
    readonly managementPort?: number;
    readonly lockoutCheck?: "on" | "off";
    readonly rulesFormat: 1;
}

/** What the state keeps besides. */
export interface NetcupOutputs extends NetcupInputs {
    readonly serverId: number;
    readonly serverName: string;
    readonly mac: string;
    readonly policyId: number;
    /** How many of netcup's 500 rules they take. */
    readonly count: number;
}
