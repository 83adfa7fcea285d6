export { type Addressed, type KeyedGroupRule, renderKeyedGroup, renderSecurityGroup, renderVpsRows } from "./render";
export { portalFields, type PortalField, type VpsFirewall, vpsRowChanges, type VpsRow } from "./rows";
export { securityGroupChanges, securityGroupContent, type SecurityGroupRule } from "./securityGroupRules";
export { interpretSecurityGroup, interpretVps } from "./interpret";
export { openSecurityGroup, openVps, type RowDecision } from "./decideRows";
export { proveSecurityGroup, proveVpsRows } from "./prove";
export { portalPlan } from "./portalPlan";
