export type { AddressFile } from "./addressFile";
export { type AddressEntry, AddressSet, type AddressSetArgs } from "./addressSet";
export type { Connection } from "./connection";
export { FirewallRule, type FirewallRuleArgs } from "./firewallRule";
export {
    FirewallTemplate,
    type FirewallTemplateArgs,
    type TemplateChanges,
    type TemplateParent,
} from "./firewallTemplate";
export { HostFirewall, type HostFirewallArgs } from "./hostFirewall";
export { NetcupFirewall, type NetcupFirewallArgs } from "./netcupFirewall";
export { LeasewebSecurityGroup, type LeasewebSecurityGroupArgs } from "./leasewebSecurityGroup";
export { LeasewebVpsFirewall, type LeasewebVpsFirewallArgs } from "./leasewebVpsFirewall";
export type { Address, Rule, RuleArgs } from "./ruleArgs";
export type { Server } from "./server";
export { defineService, type ServiceDefinition } from "../core/model/defineService";
export type { Service } from "../core/model/service";
export type { PanelPlan, PanelStep } from "../core/dialects/allowLists/panelPlan";
export type { FindingSetting } from "../core/model/findingSettings";
export { presets } from "../core/model/presets";
export type { PresetName } from "../core/model/templateData";
