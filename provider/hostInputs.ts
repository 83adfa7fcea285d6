import type { StoredPolicy } from "../core/model/storedPolicy";
import type { Exposure } from "../core/analysis/exposure";
import type { Backend } from "../core/dialects/dialect";
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
    /** Absent: nftables, or iptables where the host has no nft. */
    readonly backend?: Backend;
    /** What becomes of ports that containers publish. Absent: `filter`. */
    readonly containers?: "filter" | "leave";
    /** Switches off the other firewalls of the host. */
    readonly takeover?: boolean;
}

/** The names of the options. */
export const OPTION_NAMES = Object.keys({
    managementSources: true,
    lockoutCheck: true,
    confirmSeconds: true,
    adopt: true,
    onUnreachable: true,
    hoster: true,
    backend: true,
    containers: true,
    takeover: true,
} satisfies Record<keyof HostOptions, true>) as (keyof HostOptions)[];

/** The options among inputs, without those that are not given. */
export function optionsOf(inputs: HostOptions): HostOptions {
    return Object.fromEntries(
        OPTION_NAMES.flatMap((name) => (inputs[name] === undefined ? [] : [[name, inputs[name]]])),
    );
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
    /** `nftables 1.0.6`, `iptables 1.8.9 (nft)`. */
    readonly filter: string;
    /** The host's key, pinned at the first contact where `hostKeyChecking` is `accept-new`. */
    readonly pinnedHostKey?: string;
    /** The same for its jump hosts, by their name in known_hosts. */
    readonly pinnedProxyKeys?: Readonly<Record<string, string>>;
}
