export type { CallOptions, PanelOptions, PanelTiming } from "./options";
export type { Nic } from "./interfaceFirewall";
export { getFirewall, putFirewall, reapplyFirewall, restoreCopiedPolicies } from "./interfaceFirewall";
export { openPanel, type Panel } from "./panel";
export { createPolicy, deletePolicy, findPolicies, getPolicy, listPolicies, replacePolicy } from "./policies";
export { findServer, listInterfaces, listServers } from "./servers";
export { type ChangeOptions, getTask, waitForTask } from "./tasks";
export type {
    ImplicitRule,
    FirewallRule,
    NetcupFirewall,
    NetcupFirewallSave,
    NetcupInterface,
    NetcupPolicy,
    NetcupPolicySave,
    NetcupPolicySummary,
    NetcupServer,
    NetcupTask,
    ShownRule,
    TaskState,
} from "./types";
export { userIdOf } from "./user";
