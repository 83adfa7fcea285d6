export type {
    Credentials,
    HostKeyChecking,
    HostKeyTrust,
    RunOptions,
    RunResult,
    Session,
    Surroundings,
    Target,
} from "./connection";
export type { Endpoint } from "./endpoint";
export { resolveEndpoint } from "./endpoint";
export type { SshErrorCode } from "./errors";
export { SshError } from "./errors";
export { preferredHostKey } from "./hostKeys";
export type { HostQueue } from "./hostQueue";
export { createHostQueue, hostQueue } from "./hostQueue";
export { lookUpHostKeys } from "./lookUpHostKeys";
export { openSession } from "./session";
