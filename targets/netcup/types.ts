import type { FirewallRule } from "../../core/dialects/netcup/rule";

export type { FirewallRule };

/** A rule as the panel shows it: what is any is left out. */
export interface ShownRule extends FirewallRule {
    readonly sources: readonly string[];
    readonly destinations: readonly string[];
}

/** A policy as a list of them shows it; its rules are to be asked for one by one. */
export interface NetcupPolicySummary {
    readonly id: number;
    readonly name: string;
    readonly description?: string | undefined;
}

/** A policy with its rules, in the order in which they decide. */
export interface NetcupPolicy extends NetcupPolicySummary {
    readonly rules: readonly ShownRule[];
}

/** What is sent to make or to replace a policy. */
export interface NetcupPolicySave {
    /** 1 to 255 characters, not only spaces. The panel does not care whether it is taken. */
    readonly name: string;
    /** At most 255 characters. */
    readonly description?: string | undefined;
    /** All of them: what is not sent is gone. */
    readonly rules: readonly FirewallRule[];
}

export type ImplicitRule = "ACCEPT_ALL" | "DROP_ALL";

/** The firewall of one interface. */
export interface NetcupFirewall {
    /** netcup's own policies, with ids of this server; they can be seen and left out, not edited. */
    readonly copiedPolicies: readonly NetcupPolicy[];
    /** Policies of the account, in the order in which they decide. */
    readonly userPolicies: readonly NetcupPolicy[];
    /** What happens to a new packet from outside that no rule matches. The panel derives it. */
    readonly ingressImplicitRule: ImplicitRule;
    readonly egressImplicitRule: ImplicitRule;
    readonly active: boolean;
    /** Whether the server runs what the panel holds; only there if it was asked for. */
    readonly consistent?: boolean | undefined;
}

/** Both lists are replaced as a whole: a policy that is not named is taken off. */
export interface NetcupFirewallSave {
    readonly copiedPolicies: readonly number[];
    readonly userPolicies: readonly number[];
    readonly active: boolean;
}

export interface NetcupServer {
    readonly id: number;
    /** The panel's own name, `v2202412345678901`. */
    readonly name: string;
    readonly hostname?: string | undefined;
    readonly nickname?: string | undefined;
    readonly disabled?: boolean | undefined;
}

/** A public interface of a server. */
export interface NetcupInterface {
    /** As the panel writes it, `5a:f1:00:00:00:01`. */
    readonly mac: string;
    readonly ipv4Addresses: readonly string[];
    /** Prefixes without their length; `/64` as a rule. */
    readonly ipv6Prefixes: readonly string[];
}

export type TaskState = "PENDING" | "RUNNING" | "FINISHED" | "ERROR" | "WAITING_FOR_CANCEL" | "CANCELED" | "ROLLBACK";

/** What the panel does after it answered. */
export interface NetcupTask {
    readonly uuid: string;
    readonly name: string;
    readonly state: TaskState;
    /** 0 to 100, where the panel says it. */
    readonly progress?: number | undefined;
    /** What it is doing, or why it failed. */
    readonly message?: string | undefined;
    readonly responseError?: { readonly code?: string | undefined; readonly message?: string | undefined } | undefined;
}
