import type { StoredPolicy } from "../core/model/storedPolicy";
import type { Exposure } from "../core/analysis/exposure";
import type { Credentials, Target } from "../targets/ssh";

/** Options that travel as they are. */
export interface HostOptions {
    /** Sources besides the deploying address that must be able to open SSH; they are only proved, they open nothing. */
    readonly managementSources?: readonly string[];
    readonly lockoutCheck?: "on" | "off";
    readonly confirmSeconds?: number;
    readonly adopt?: string;
    readonly onUnreachable?: "error" | "forget";
    /** Whose network it is, where that blocks something. */
    readonly hoster?: "leaseweb";
}

/** What the engine compares and the state keeps. The ruleset is not in it: it follows. */
export interface HostInputs extends StoredPolicy, HostOptions {
    readonly target: Target;
    readonly credentials?: Credentials;
    /** Organisation, project and stack: `acme/web/prod`. */
    readonly owner: string;
    readonly exposure: Exposure;
    readonly base: string;
    /** Whether the host loads the ruleset when it boots, in words (bootState.ts). */
    readonly boot: string;
    readonly rulesFormat: 1;
}

/** What the state keeps besides, known once the host was reached. */
export interface HostOutputs extends HostInputs {
    readonly machineId: string;
    /** Count of confirmed applies on the host; 0 where it runs nothing of ours. */
    readonly generation: number;
    /** Changes with each confirmed apply. */
    readonly applyId: string;
    /** `nftables 1.0.6`. */
    readonly backend: string;
    /** The host's key, pinned at the first contact where `hostKeyChecking` is `accept-new`. */
    readonly pinnedHostKey?: string;
    /** The same for its jump hosts, by their name in known_hosts. */
    readonly pinnedProxyKeys?: Readonly<Record<string, string>>;
}
