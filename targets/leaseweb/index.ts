export { type LeasewebAccount, leasewebError, openLeaseweb } from "./account";
export type { GroupRule, SecurityGroup } from "./answers";
export {
    attachGroups,
    createGroup,
    deleteGroup,
    detachGroups,
    findGroup,
    groupsOfInstance,
    listGroups,
    renameGroup,
} from "./groups";
export type { CallOptions, LeasewebOptions, LeasewebTiming } from "./options";
export { authorizeRules, listRules, revokeRules } from "./rules";
export { waitForGroup, waitForInstance, waitForRules } from "./waits";
