export type {
    Credentials,
    HostKeyChecking,
    HostKeyTrust,
    LoginSecrets,
    Place,
    RunOptions,
    RunResult,
    Session,
    Surroundings,
    Target,
} from "./connection";
export type { Endpoint } from "./endpoint";
export { resolveEndpoint } from "./endpoint";
export { preferredHostKey } from "./hostKeys";
export type { HostQueue } from "./hostQueue";
export { createHostQueue, hostQueue } from "./hostQueue";
export { lookUpHostKeys } from "./lookUpHostKeys";
export { openSession } from "./session";
export { applyRuleset } from "./applyRuleset";
export { filterWords } from "./filterWords";
export { type Backup, type Backups, listBackups } from "./listBackups";
export { listTable } from "./listTable";
export { probeHost } from "./probeHost";
export { isLoopback, isWildcard } from "./programTraffic";
export type {
    ApplyOptions,
    ApplyOutcome,
    Confirmed,
    Connect,
    ConnectionSeen,
    Listener,
    Mark,
    Phase,
    Plan,
    PlanDelta,
    Probe,
    ProtocolOptions,
    Published,
    RemoveOptions,
    RemoveOutcome,
    Stage,
    Timing,
    Tunnel,
    TunnelTraffic,
    Way,
} from "./protocol";
export { removeRuleset } from "./removeRuleset";
export { showBackup, showFirst, type ShownBackup } from "./showBackup";
